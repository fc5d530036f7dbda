import { holdsSealed, problem, type ActionDefinition, type Problem } from "@bellhop/contracts";
import type { ConfigContext } from "../config/context.ts";
import { renderShell, type ShellFault } from "../shell/quote.ts";
import { asksConfig, readsSecret, type KvNames } from "../kv/names.ts";
import { originalOf } from "../kv/opening.ts";
import { fillTemplate, readTemplate } from "../template.ts";
import { castValue } from "./cast.ts";
import { invalid, type Parameters } from "./parameters.ts";

/** Fills the templates in defaults, in place, in the order in which they need one another: they see the other parameters, those without a value as null, and
 *  `action_context`, the datastore, and the configuration of the pack. A default that takes in a secret becomes one itself. In a command, values are quoted for where they stand. */
export function fillDefaults(at: {
  action: ActionDefinition;
  parameters: Parameters;
  input: Record<string, unknown>;
  defaulted: ReadonlySet<string>;
  secrets: Set<string>;
  context: Readonly<Record<string, unknown>>;
  /** Reads what was sealed before it came here. @throws where it can't */
  open?: ((value: unknown) => unknown) | undefined;
  kv?: KvNames | undefined;
  /** Of the pack's configuration. */
  instance?: string | undefined;
}): { kind: "refused"; problem: Problem } | undefined {
  const { action, parameters, input, secrets, kv } = at;
  const { source } = action;
  const asked = [...at.defaulted].map((name) => input[name]);
  const config = asksConfig(asked) ? kv?.config(at.instance) : undefined;
  const beside = {
    action_context: at.context,
    ...(kv === undefined ? {} : { st2kv: kv.st2kv }),
    ...(config === undefined ? {} : { config_context: config.values }),
  };
  const failed = (parameter: string, why: string, suggestion = ""): { kind: "refused"; problem: Problem } => ({
    kind: "refused",
    problem: problem("parameter_template", { action: action.ref, parameter, place: `${source.file}:${source.line}`, why, suggestion }),
  });
  const waiting = new Map<string, ReadonlySet<string>>();
  for (const name of at.defaulted) {
    const texts = textsOf(input[name]).filter(isTemplate);
    if (texts.length === 0) continue;
    const needs = new Set<string>();
    for (const text of texts) {
      const read = readTemplate(text);
      if (read.kind === "fault") return failed(name, read.fault.message);
      for (const { path } of read.reads) needs.add(String(path[0]));
    }
    waiting.set(name, needs);
  }
  for (const [name, needs] of waiting) {
    const missing = [...needs].find((one) => !Object.hasOwn(parameters, one) && !Object.hasOwn(beside, one));
    if (missing !== undefined) return failed(name, `Dependency unsatisfied in variable "${missing}"`, notHere[missing]);
  }
  const circle = circleOf(waiting);
  if (circle.length > 0) {
    const names = circle.length === 1 ? circle.join() : `${circle.slice(0, -1).join(", ")} and ${circle.at(-1)}`;
    return failed(
      circle[0] ?? "",
      `Cyclic dependency found in the following variables: ${names}`,
      "Give one of them a default of its own.",
    );
  }
  const order = inOrder(waiting);
  const names: Record<string, unknown> = { ...Object.fromEntries(Object.keys(parameters).map((name) => [name, null])), ...input };
  Object.assign(names, beside);
  for (const name of order) delete names[name];
  const sealed = new Set(Object.keys(input).filter((name) => holdsSealed(input[name])));
  for (const [name, needs] of waiting) {
    for (const used of needs) {
      if (!sealed.has(used)) continue;
      const opened = openedValue(input[used], at.open);
      if (opened === undefined) return failed(name, `It takes in ${used}, which is sealed and can't be read here`);
      names[used] = opened.value;
    }
  }
  for (const name of order) {
    const parameter = parameters[name] ?? {};
    if ([...(waiting.get(name) ?? [])].some((used) => secrets.has(used) || sealed.has(used))) secrets.add(name);
    const shell = name === "cmd" && action.kind === "local-shell-cmd";
    const filled = shell ? command(String(input[name]), names) : fill(input[name], names);
    if (kv?.opened() === true) secrets.add(name);
    if (filled.kind === "fault") {
      return failed(name, secrets.has(name) ? readsSecret : filled.why, filled.hint ?? lackedBy(input[name], config));
    }
    // What is a secret as a whole is sealed once, and not around another seal.
    const plain = secrets.has(name) && holdsSealed(filled.value) ? openedValue(filled.value, at.open) : undefined;
    const value = plain === undefined ? filled.value : plain.value;
    const cast = shell ? { kind: "ok" as const, value } : castValue(value, parameter);
    if (cast.kind === "refused") {
      const shown = { ...parameter, secret: secrets.has(name) };
      return {
        kind: "refused",
        problem: invalid({ action: action.ref, name, value, parameter: shown, expected: cast.expected }),
      };
    }
    names[name] = cast.value;
    if (cast.value === null) delete input[name];
    else input[name] = cast.value;
  }
  return undefined;
}

/** Sealed elsewhere, or made to look so, it can't be read. */
export function openedValue(value: unknown, open: ((value: unknown) => unknown) | undefined): { value: unknown } | undefined {
  try {
    return open === undefined ? undefined : { value: open(value) };
  } catch {
    return undefined;
  }
}

/** What defaults of packs may ask for that is not here. */
const notHere: Readonly<Record<string, string>> = {
  st2kv: "There is no datastore where this is rehearsed: give the value itself.",
  config_context: "There is no configuration where this is rehearsed, or its pack has none: give the value itself.",
};

export function isTemplate(text: string): boolean {
  return /\{\{|\{%/.test(text);
}

/** All texts in a value, keys included. */
export function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (Array.isArray(value) ? textsOf(inner) : [key, ...textsOf(inner)]));
}

type Filled = { kind: "ok"; value: unknown } | { kind: "fault"; why: string; hint?: string };

function command(text: string, names: Readonly<Record<string, unknown>>): Filled {
  const rendered = renderShell(text, names);
  if (rendered.kind === "ok") return { kind: "ok", value: rendered.text };
  const { message, expression, where, offset }: ShellFault = rendered;
  if (message !== undefined) return { kind: "fault", why: message };
  const why = `${expression}, character ${offset + 1} of it, can't stand ${where}`;
  return { kind: "fault", why, hint: 'Put the value into a variable first, as in: host={{ host }}; echo "$host".' };
}

/** Texts become what they render to; within a list or fields a text that is nothing but a name keeps the type of what it names. */
function fill(value: unknown, names: Readonly<Record<string, unknown>>, depth = 0): Filled {
  if (typeof value === "string") {
    const [, name] = depth === 0 ? [] : (/^\{\{([\w-]+)\}\}$/.exec(value) ?? []);
    if (name !== undefined && Object.hasOwn(names, name)) return { kind: "ok", value: asItCame(names[name]) };
    if (!isTemplate(value)) return { kind: "ok", value };
    const rendered = fillTemplate(value, names, "refused");
    return rendered.kind === "ok" ? { kind: "ok", value: rendered.text } : { kind: "fault", why: rendered.fault.message };
  }
  if (typeof value !== "object" || value === null) return { kind: "ok", value };
  const entries: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const [own, filled] = [Array.isArray(value) ? { kind: "ok" as const, value: key } : fill(key, names), fill(inner, names, depth + 1)];
    if (own.kind === "fault") return own;
    if (filled.kind === "fault") return filled;
    entries.push([String(own.value), filled.value]);
  }
  return { kind: "ok", value: Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries) };
}

function asItCame(value: unknown): unknown {
  return typeof value === "object" && value !== null ? (originalOf(value) ?? value) : value;
}

/** What a value's templates ask for of the configuration that has no value there: why, and what to do. For whoever could not fill them in. */
export function lackedBy(value: unknown, config: ConfigContext | undefined): string | undefined {
  for (const text of config === undefined ? [] : textsOf(value).filter(isTemplate)) {
    const read = readTemplate(text);
    for (const { path } of read.kind === "ok" ? read.reads : []) {
      const why = path[0] === "config_context" ? config?.lacking[String(path[1])] : undefined;
      if (why !== undefined && why !== "") return why;
    }
  }
  return undefined;
}

/** Those that need themselves, by way of others or not, sorted. */
function circleOf(waiting: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...waiting.keys()].filter((name) => reach(name, waiting).has(name)).toSorted();
}

function reach(name: string, waiting: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const reached = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const one of waiting.get(next) ?? []) {
      if (!reached.has(one)) open.push(one);
      reached.add(one);
    }
  }
  return reached;
}

/** Each after all that it needs. */
function inOrder(waiting: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const order = new Set<string>();
  const place = (name: string): void => {
    const needs = order.has(name) ? undefined : waiting.get(name);
    if (needs === undefined) return;
    needs.forEach(place);
    order.add(name);
  };
  for (const name of waiting.keys()) place(name);
  return [...order];
}
