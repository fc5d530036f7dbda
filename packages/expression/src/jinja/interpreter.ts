import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { Dict, entriesOf, isMapping, isSequence } from "../value/kinds.ts";
import { attributeOf, itemOf } from "./access.ts";
import { builtInFilters } from "./filters.ts";
import { globals } from "./globals.ts";
import { loopOf } from "./loop.ts";
import { macroOf } from "./macro.ts";
import type { Expression, Given, Statement, Target } from "./nodes.ts";
import { Arguments, Callable, type Evaluation, noArguments, Thing, Undefined } from "./objects.ts";
import { compared, isTrue, iterate, listOf, textOf, tuple } from "./operations.ts";
import { binary, signed } from "./operators.ts";
import { Outside, type Surroundings } from "./outside.ts";
import { Scope } from "./scope.ts";
import { Slice } from "./slice.ts";
import { builtInTests } from "./tests.ts";

/** What a template makes, told apart: what stands in it, and what its expressions gave. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly text: string; readonly at: number };

/** @param at where the expression stands that gave the text; undefined for what stands in the template itself */
type Write = (text: string, at?: number) => void;

export class Interpreter implements Evaluation {
  readonly budget: Budget;
  readonly strict: boolean;
  readonly chained: boolean;
  readonly #outside: Outside;
  readonly #again: Surroundings["again"];
  /** Where the node begins that was begun last. */
  at = 0;

  constructor({ copies, budget, ...surroundings }: Surroundings & { copies: boolean; budget: Budget }) {
    this.budget = budget;
    this.#outside = new Outside(surroundings, { copies, evaluation: this });
    this.#again = surroundings.again;
    this.strict = surroundings.strict ?? true;
    this.chained = surroundings.chained ?? false;
  }

  /** What is done with a value costs as much as it is long. */
  #charge(value: unknown): void {
    this.budget.spend(typeof value === "string" || isSequence(value) ? 1 + Math.floor(value.length / 100) : 1);
  }

  change(): void {
    this.#outside.change();
  }

  undefined(reason: string, type?: string): Undefined {
    return new Undefined({ reason, lenient: !this.strict, at: this.at, ...(type === undefined ? {} : { type }) });
  }

  attribute(value: unknown, name: string): unknown {
    return attributeOf(value, name, this);
  }

  item(value: unknown, index: unknown): unknown {
    return itemOf(value, index, this);
  }

  call(callee: unknown, given: Arguments): unknown {
    this.budget.enter();
    const value = this.#called(callee, given);
    this.budget.leave();
    return value;
  }

  #called(callee: unknown, given: Arguments): unknown {
    if (callee instanceof Undefined) return callee.fail();
    if (callee instanceof Callable) return callee.call(given, this);
    if (callee instanceof Thing && callee.call !== undefined) return callee.call(given, this);
    throw new Fault("TypeError", `'${textOf(callee, this).slice(0, 100)}' is not callable`);
  }

  filter(name: string, value: unknown, given: Arguments): unknown {
    this.#charge(value);
    const own = this.#outside.filter(name);
    if (own !== undefined) return this.#outside.call(own, new Arguments([value, ...given.list], given.named));
    const filter = builtInFilters.get(name);
    if (filter === undefined) throw new Fault("TemplateAssertionError", `No filter named '${name}'.`);
    return filter(value, given, this);
  }

  test(name: string, value: unknown, given: Arguments): boolean {
    this.#charge(value);
    if (name === "filter") return this.#outside.filter(String(value)) !== undefined || builtInFilters.has(String(value));
    const test = builtInTests.get(name);
    if (test === undefined) throw new Fault("TemplateAssertionError", `No test named '${name}'.`);
    return test(value, given, this);
  }

  text(statements: readonly Statement[], scope: Scope): string {
    const parts: string[] = [];
    this.#run(
      statements,
      scope,
      this.#counted((text) => parts.push(text)),
    );
    return parts.join("");
  }

  pieces(statements: readonly Statement[], scope: Scope): Piece[] {
    const pieces: Piece[] = [];
    this.#run(
      statements,
      scope,
      this.#counted((text, at) => pieces.push(at === undefined ? { kind: "text", text } : { kind: "value", text, at })),
    );
    return pieces;
  }

  #counted(write: Write): Write {
    let size = 0;
    return (text, at) => {
      size += text.length;
      this.budget.grow(size, text.length);
      write(text, at);
    };
  }

  #run(statements: readonly Statement[], scope: Scope, write: Write): void {
    for (const statement of statements) {
      this.budget.spend();
      this.at = statement.at;
      this.#statement(statement, scope, write);
    }
  }

  #statement(statement: Statement, scope: Scope, write: Write): void {
    switch (statement.kind) {
      case "text":
        return write(statement.text);
      case "print": {
        const chosen = this.#choice(statement.value, scope);
        if (chosen === undefined) return;
        const value = this.value(chosen, scope);
        const again = this.#again;
        const text = textOf(typeof value === "string" && again !== undefined ? again(value) : value, this);
        return write(text, chosen.kind === "const" ? undefined : statement.at);
      }
      case "for":
        return this.#for(statement, scope, write);
      case "if": {
        const branch = statement.branches.find(([test]) => isTrue(this.value(test, scope)));
        return this.#run(branch?.[1] ?? statement.otherwise, scope, write);
      }
      case "macro":
        return scope.set(statement.name, macroOf({ ...statement, scope, interpreter: this }));
      case "call": {
        const { call, signature, body } = statement;
        if (call.kind !== "call") throw new Error("the parser lets only calls through");
        const caller = macroOf({ name: "caller", signature, body, scope, interpreter: this });
        const given = this.#given(call.given, scope);
        const withCaller = new Arguments(given.list, new Map([...given.named, ["caller", caller]]));
        return write(textOf(this.call(this.value(call.target, scope), withCaller), this), statement.at);
      }
      case "filter":
        return write(textOf(this.value(statement.value, new Scope(scope)), this), statement.at);
      case "set":
        return this.assign(statement.target, this.value(statement.value, scope), scope);
      case "with": {
        const inner = new Scope(scope);
        for (const [target, value] of statement.targets.map(([to, from]) => [to, this.value(from, scope)] as const)) {
          this.assign(target, value, inner);
        }
        return this.#run(statement.body, inner, write);
      }
      case "scope":
        return this.#run(statement.body, new Scope(scope), write);
      case "refused":
        throw new Fault("TemplateError", statement.reason);
    }
  }

  /** What an expression comes to that chooses between others; nothing where it chooses nothing. */
  #choice(node: Expression, scope: Scope): Expression | undefined {
    let chosen: Expression | undefined = node;
    while (chosen?.kind === "if") {
      this.budget.spend();
      chosen = isTrue(this.value(chosen.test, scope)) ? chosen.value : chosen.otherwise;
    }
    return chosen;
  }

  #for(statement: Statement & { kind: "for" }, scope: Scope, write: Write): void {
    const level = (items: unknown, depth: number, out: Write): void => {
      this.budget.enter();
      const chosen = this.#chosen(statement, items, scope);
      const { loop, steps } = loopOf({
        items: chosen,
        depth,
        evaluation: this,
        again: statement.recursive
          ? (inner) => {
              let text = "";
              level(inner, depth + 1, (more) => {
                text += more;
                this.budget.grow(text.length, more.length);
              });
              return text;
            }
          : undefined,
      });
      for (const item of steps) {
        this.budget.spend();
        const inner = new Scope(scope);
        inner.set("loop", loop);
        this.assign(statement.target, item, inner);
        this.#run(statement.body, inner, out);
      }
      if (chosen.length === 0) this.#run(statement.otherwise, new Scope(scope), out);
      this.budget.leave();
    };
    level(this.value(statement.items, scope), 1, write);
  }

  #chosen({ target, test }: Statement & { kind: "for" }, items: unknown, scope: Scope): unknown[] {
    if (test === undefined) return listOf(items, this);
    const chosen: unknown[] = [];
    for (const item of iterate(items, this)) {
      const inner = new Scope(scope);
      this.assign(target, item, inner);
      if (isTrue(this.value(test, inner))) chosen.push(item);
    }
    return chosen;
  }

  assign(target: Target, value: unknown, scope: Scope): void {
    switch (target.kind) {
      case "name":
        return scope.set(target.name, value);
      case "namespace": {
        const namespace = this.#name(target.name, scope);
        if (!(namespace instanceof Thing) || namespace.assign === undefined) {
          throw new Fault("TemplateRuntimeError", "cannot assign attribute on non-namespace object");
        }
        return namespace.assign(target.attribute, value);
      }
      case "tuple": {
        const items = listOf(value, this);
        const { length } = target.targets;
        if (items.length > length) throw new Fault("ValueError", `too many values to unpack (expected ${length})`);
        if (items.length < length) throw new Fault("ValueError", `not enough values to unpack (expected ${length}, got ${items.length})`);
        for (const [index, inner] of target.targets.entries()) this.assign(inner, items[index], scope);
      }
    }
  }

  value(node: Expression, scope: Scope): unknown {
    this.budget.spend();
    this.at = node.at;
    switch (node.kind) {
      case "const":
        return node.value;
      case "name":
        return this.#name(node.name, scope);
      case "list":
        return node.items.map((item) => this.value(item, scope));
      case "tuple":
        return tuple(node.items.map((item) => this.value(item, scope)));
      case "dict":
        return new Dict(node.pairs.map(([key, value]) => [this.value(key, scope), this.value(value, scope)] as const));
      case "attribute":
        return attributeOf(this.#before(node, this.value(node.target, scope)), node.name, this);
      case "item": {
        const target = this.value(node.target, scope);
        return itemOf(target, this.#before(node, this.value(node.index, scope)), this);
      }
      case "slice": {
        const part = (one: Expression | undefined): unknown => (one === undefined ? undefined : this.value(one, scope));
        return new Slice(part(node.start), part(node.stop), part(node.step));
      }
      case "call": {
        const callee = this.value(node.target, scope);
        return this.call(callee, this.#before(node, this.#given(node.given, scope)));
      }
      case "filter": {
        const value = this.value(node.target, scope);
        return this.filter(node.name, value, this.#before(node, this.#given(node.given, scope)));
      }
      case "test": {
        const value = this.value(node.target, scope);
        return this.test(node.name, value, this.#before(node, this.#given(node.given, scope)));
      }
      case "not":
        return !isTrue(this.value(node.operand, scope));
      case "negative":
      case "positive":
        return signed(node.kind, this.value(node.operand, scope));
      case "binary": {
        const { operator } = node;
        const left = this.value(node.left, scope);
        const right = this.#before(node, this.value(node.right, scope));
        this.#charge(left);
        this.#charge(right);
        return binary({ operator, left, right }, this);
      }
      case "and": {
        const left = this.value(node.left, scope);
        return isTrue(left) ? this.value(node.right, scope) : left;
      }
      case "or": {
        const left = this.value(node.left, scope);
        return isTrue(left) ? left : this.value(node.right, scope);
      }
      case "concat": {
        const text = node.parts.map((part) => textOf(this.value(part, scope), this)).join("");
        this.budget.size(text.length);
        return text;
      }
      case "compare": {
        let left = this.value(node.first, scope);
        for (const [comparison, operand] of node.rest) {
          const right = this.value(operand, scope);
          this.#charge(left);
          this.#charge(right);
          if (!compared(comparison, left, right, this)) return false;
          left = right;
        }
        return true;
      }
      case "if":
        if (isTrue(this.value(node.test, scope))) return this.value(node.value, scope);
        if (node.otherwise !== undefined) return this.value(node.otherwise, scope);
        // Lenient in any case: Jinja prints nothing for it.
        return new Undefined({
          reason: "the inline if-expression evaluated to false and no else section was defined.",
          lenient: true,
          at: node.at,
        });
      case "body":
        return this.text(node.body, new Scope(scope));
    }
  }

  /** What is done with a node's parts is done where the node stands. */
  #before<T>(node: Expression, last: T): T {
    this.at = node.at;
    return last;
  }

  #name(name: string, scope: Scope): unknown {
    const set = scope.get(name);
    if (set !== undefined) return set;
    const given = this.#outside.name(name);
    if (given !== undefined) return given;
    return globals.get(name) ?? this.undefined(`'${name}' is undefined`);
  }

  #given(given: Given, scope: Scope): Arguments {
    const { args, named, more, moreNamed } = given;
    if (args.length === 0 && named.length === 0 && more === undefined && moreNamed === undefined) return noArguments;
    const list = args.map((arg) => this.value(arg, scope));
    const names = new Map<string, unknown>();
    for (const [name, value] of named) names.set(name, this.value(value, scope));
    if (more !== undefined) for (const item of iterate(this.value(more, scope), this)) list.push(item);
    if (moreNamed !== undefined) {
      const mapping = this.value(moreNamed, scope);
      if (!isMapping(mapping)) throw new Fault("TypeError", "argument after ** must be a mapping");
      for (const [name, value] of entriesOf(mapping)) names.set(String(name), value);
    }
    return new Arguments(list, names);
  }
}
