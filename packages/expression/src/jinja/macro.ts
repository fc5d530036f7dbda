import { Fault } from "../error.ts";
import { Scope } from "./scope.ts";
import type { Expression, Signature, Statement } from "./nodes.ts";
import { type Arguments, Callable, type Undefined } from "./objects.ts";
import { tuple } from "./operations.ts";
import { Dict } from "../value/kinds.ts";

/** What `{% macro %}` and the body of `{% call %}` make: a function that gives text. It sees the names around it. */
export function macroOf({
  name,
  signature,
  body,
  scope,
  interpreter,
}: {
  name: string;
  signature: Signature;
  body: readonly Statement[];
  scope: Scope;
  interpreter: {
    text(statements: readonly Statement[], scope: Scope): string;
    value(node: Expression, scope: Scope): unknown;
    undefined(reason: string): Undefined;
  };
}): Callable {
  const { parameters, defaults } = signature;
  const takes = { more: mentions(body, "varargs"), named: mentions(body, "kwargs"), caller: mentions(body, "caller") };
  const call = (given: Arguments): string => {
    const inner = new Scope(scope);
    const named = new Map(given.named);
    const extra = given.list.slice(parameters.length);
    if (extra.length > 0 && !takes.more) {
      throw new Fault("TypeError", `macro '${name}' takes not more than ${parameters.length} argument(s)`);
    }
    for (const [index, parameter] of parameters.entries()) {
      const fallback = defaults[index - (parameters.length - defaults.length)];
      if (index < given.list.length) inner.set(parameter, given.list[index]);
      else if (named.has(parameter)) inner.set(parameter, named.get(parameter));
      else if (fallback !== undefined) inner.set(parameter, interpreter.value(fallback, inner));
      else inner.set(parameter, interpreter.undefined(`parameter '${parameter}' was not provided`));
      named.delete(parameter);
    }
    if (takes.caller && !parameters.includes("caller")) {
      inner.set("caller", named.get("caller") ?? interpreter.undefined("No caller defined"));
      named.delete("caller");
    }
    if (takes.more) inner.set("varargs", tuple(extra));
    if (takes.named) inner.set("kwargs", new Dict(named));
    else if (named.size > 0) {
      const [unknown = ""] = named.keys();
      throw new Fault("TypeError", `macro '${name}' takes no keyword argument '${unknown}'`);
    }
    return interpreter.text(body, inner);
  };
  const attributes = new Map<string, unknown>([
    ["name", name],
    ["arguments", tuple(parameters)],
    ["catch_varargs", takes.more],
    ["catch_kwargs", takes.named],
    ["caller", takes.caller],
  ]);
  return new Callable({ name, type: "Macro", shown: `<Macro '${name}'>`, call, attributes });
}

/** Whether a name is used anywhere in these nodes. */
function mentions(nodes: unknown, name: string): boolean {
  if (Array.isArray(nodes)) return nodes.some((node) => mentions(node, name));
  if (typeof nodes !== "object" || nodes === null) return false;
  if ("kind" in nodes && nodes.kind === "name" && "name" in nodes && nodes.name === name) return true;
  return Object.values(nodes).some((node) => mentions(node, name));
}
