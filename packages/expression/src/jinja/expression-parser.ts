import { float, int } from "../number.ts";
import { type Cursor, nameOf } from "./cursor.ts";
import { JinjaSyntaxError } from "./errors.ts";
import type { Comparison, Expression, Given, Operator } from "./nodes.ts";

const comparisons: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);
export const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);

/** Reads what stands between braces, from where the cursor is. */
export class ExpressionParser {
  readonly #cursor: Cursor;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** The one expression that there is: nothing may come after it. */
  whole(): Expression {
    const expression = this.expression();
    if (this.#cursor.now.kind !== "end") throw new JinjaSyntaxError("chunk after expression", this.#cursor.now.at);
    return expression;
  }

  ended(): boolean {
    return this.#cursor.now.kind === "variableEnd" || this.#cursor.now.kind === "blockEnd" || this.#cursor.is("operator", ")");
  }

  /** An expression, or several with commas between them. */
  tuple({ conditional = true, ends = [], parentheses = false }: TupleOptions = {}): Expression {
    const { at } = this.#cursor.now;
    const items: Expression[] = [];
    let several = false;
    for (;;) {
      if (items.length > 0) this.#cursor.expect("operator", ",");
      if (this.ended() || this.#cursor.is("name", ...ends)) break;
      items.push(conditional ? this.expression() : this.#or());
      if (!this.#cursor.is("operator", ",")) break;
      several = true;
    }
    const [first] = items;
    if (several) return { kind: "tuple", items, at };
    if (first !== undefined) return first;
    if (!parentheses) throw new JinjaSyntaxError(`Expected an expression, got ${nameOf(this.#cursor.now)}`, at);
    return { kind: "tuple", items, at };
  }

  expression(): Expression {
    return this.#cursor.deeper(() => {
      let value = this.#or();
      while (this.#cursor.is("name", "if")) {
        const { at } = this.#cursor.take();
        const test = this.#or();
        const otherwise = this.#cursor.skip("name", "else") ? this.expression() : undefined;
        value = { kind: "if", test, value, otherwise, at };
      }
      return value;
    });
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#cursor.is("name", "or")) left = { at: this.#cursor.take().at, kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#cursor.is("name", "and")) left = { at: this.#cursor.take().at, kind: "and", left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    if (!this.#cursor.is("name", "not")) return this.#comparison();
    const { at } = this.#cursor.take();
    return { kind: "not", operand: this.#cursor.deeper(() => this.#not()), at };
  }

  #comparison(): Expression {
    const first = this.#sum();
    const rest: [Comparison, Expression][] = [];
    for (;;) {
      const token = this.#cursor.now;
      if (token.kind === "operator" && comparisons.has(token.text)) {
        this.#cursor.take();
        rest.push([token.text as Comparison, this.#sum()]);
      } else if (this.#cursor.skip("name", "in")) rest.push(["in", this.#sum()]);
      else if (this.#cursor.is("name", "not") && this.#cursor.after?.text === "in" && this.#cursor.after?.kind === "name") {
        this.#cursor.take();
        this.#cursor.take();
        rest.push(["not in", this.#sum()]);
      } else return rest.length === 0 ? first : { kind: "compare", first, rest, at: first.at };
    }
  }

  #sum(): Expression {
    return this.#binary(["+", "-"], () => this.#concat());
  }

  #concat(): Expression {
    const first = this.#product();
    if (!this.#cursor.is("operator", "~")) return first;
    const parts = [first];
    while (this.#cursor.skip("operator", "~")) parts.push(this.#product());
    return { kind: "concat", parts, at: first.at };
  }

  #product(): Expression {
    return this.#binary(["*", "/", "//", "%"], () => this.#power());
  }

  /** From left to right, unlike Python's. */
  #power(): Expression {
    return this.#binary(["**"], () => this.#unary());
  }

  #binary(operators: readonly Operator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = operators.find((one) => this.#cursor.is("operator", one));
      if (operator === undefined) return left;
      const { at } = this.#cursor.take();
      left = { kind: "binary", operator, left, right: operand(), at };
    }
  }

  /** A sign binds closer than a filter: `-1|abs` is `(-1)|abs`. */
  #unary(): Expression {
    return this.#filters(this.#signed());
  }

  #signed(): Expression {
    const { at } = this.#cursor.now;
    const sign = this.#cursor.is("operator", "-", "+") ? this.#cursor.take().text : undefined;
    const inner = sign === undefined ? this.#primary() : undefined;
    const operand = inner ?? {
      kind: sign === "-" ? ("negative" as const) : ("positive" as const),
      operand: this.#cursor.deeper(() => this.#signed()),
      at,
    };
    return this.#postfix(operand);
  }

  #primary(): Expression {
    const token = this.#cursor.take();
    const { at } = token;
    switch (token.kind) {
      case "name":
        if (constants.has(token.text)) return { kind: "const", value: constants.get(token.text), at };
        return { kind: "name", name: token.text, at };
      case "string": {
        let value = token.value;
        while (this.#cursor.now.kind === "string") {
          const more = this.#cursor.take();
          if (more.kind === "string") value += more.value;
        }
        return { kind: "const", value, at };
      }
      case "int":
        return { kind: "const", value: int(token.value), at };
      case "float":
        return { kind: "const", value: float(token.value), at };
      case "operator":
        if (token.text === "(") {
          const inner = this.#cursor.deeper(() => this.tuple({ parentheses: true }));
          this.#cursor.expect("operator", ")");
          return inner;
        }
        if (token.text === "[") return { kind: "list", items: this.#items(), at };
        if (token.text === "{") return { kind: "dict", pairs: this.#pairs(), at };
        break;
      case "text":
      case "blockBegin":
      case "blockEnd":
      case "variableBegin":
      case "variableEnd":
      case "end":
        break;
    }
    throw new JinjaSyntaxError(`unexpected ${nameOf(token)}`, at);
  }

  #items(): Expression[] {
    const items: Expression[] = [];
    while (!this.#cursor.skip("operator", "]")) {
      if (items.length > 0) this.#cursor.expect("operator", ",");
      if (this.#cursor.skip("operator", "]")) break;
      items.push(this.expression());
    }
    return items;
  }

  #pairs(): [Expression, Expression][] {
    const pairs: [Expression, Expression][] = [];
    while (!this.#cursor.skip("operator", "}")) {
      if (pairs.length > 0) this.#cursor.expect("operator", ",");
      if (this.#cursor.skip("operator", "}")) break;
      const key = this.expression();
      this.#cursor.expect("operator", ":");
      pairs.push([key, this.expression()]);
    }
    return pairs;
  }

  #postfix(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.#cursor.is("operator", ".", "[")) node = this.#subscript(node);
      else if (this.#cursor.is("operator", "(")) node = this.#callOf(node);
      else return node;
    }
  }

  #filters(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.#cursor.skip("operator", "|")) node = this.filter(node);
      else if (this.#cursor.is("name", "is")) node = this.#test(node);
      else if (this.#cursor.is("operator", "(")) node = this.#callOf(node);
      else return node;
    }
  }

  #callOf(target: Expression): Expression {
    const { at } = this.#cursor.now;
    return { kind: "call", target, given: this.#given(), at };
  }

  #subscript(target: Expression): Expression {
    const { text, at } = this.#cursor.take();
    if (text === ".") {
      const token = this.#cursor.take();
      if (token.kind === "name") return { kind: "attribute", target, name: token.text, at: token.at };
      if (token.kind !== "int") throw new JinjaSyntaxError("expected name or number", token.at);
      return { kind: "item", target, index: { kind: "const", value: int(token.value), at: token.at }, at };
    }
    const indexes: Expression[] = [];
    while (!this.#cursor.skip("operator", "]")) {
      if (indexes.length > 0) this.#cursor.expect("operator", ",");
      indexes.push(this.#index());
    }
    const [first] = indexes;
    return { kind: "item", target, index: first !== undefined && indexes.length === 1 ? first : { kind: "tuple", items: indexes, at }, at };
  }

  #index(): Expression {
    const { at } = this.#cursor.now;
    const part = (): Expression | undefined => (this.#cursor.is("operator", ":", "]", ",") ? undefined : this.expression());
    const start = part();
    if (!this.#cursor.skip("operator", ":")) {
      if (start === undefined) throw new JinjaSyntaxError(`unexpected ${nameOf(this.#cursor.now)}`, at);
      return start;
    }
    const stop = part();
    const step = this.#cursor.skip("operator", ":") ? part() : undefined;
    return { kind: "slice", start, stop, step, at };
  }

  filter(target: Expression): Expression {
    const { at } = this.#cursor.now;
    const name = this.#dotted();
    return { kind: "filter", target, name, given: this.#cursor.is("operator", "(") ? this.#given() : nothing, at };
  }

  #test(target: Expression): Expression {
    const { at } = this.#cursor.take();
    const negated = this.#cursor.skip("name", "not");
    const name = this.#dotted();
    const test: Expression = { kind: "test", target, name, given: this.#testGiven(), at };
    return negated ? { kind: "not", operand: test, at } : test;
  }

  /** The argument of a test needs no parentheses. */
  #testGiven(): Given {
    if (this.#cursor.is("operator", "(")) return this.#given();
    const { kind } = this.#cursor.now;
    const begins = kind === "name" || kind === "string" || kind === "int" || kind === "float" || this.#cursor.is("operator", "[", "{");
    if (!begins || this.#cursor.is("name", "else", "or", "and")) return nothing;
    if (this.#cursor.is("name", "is")) throw new JinjaSyntaxError("You cannot chain multiple tests with is", this.#cursor.now.at);
    return { ...nothing, args: [this.#postfix(this.#primary())] };
  }

  #dotted(): string {
    let name = this.#cursor.expect("name").text;
    while (this.#cursor.skip("operator", ".")) name += `.${this.#cursor.expect("name").text}`;
    return name;
  }

  #given(): Given {
    const { at } = this.#cursor.expect("operator", "(");
    const args: Expression[] = [];
    const named: [string, Expression][] = [];
    let more: Expression | undefined;
    let moreNamed: Expression | undefined;
    const ensure = (holds: boolean): void => {
      if (!holds) throw new JinjaSyntaxError("invalid syntax for function call expression", at);
    };
    for (let comma = false; !this.#cursor.skip("operator", ")"); comma = true) {
      if (comma) this.#cursor.expect("operator", ",");
      if (comma && this.#cursor.skip("operator", ")")) break;
      if (this.#cursor.skip("operator", "*")) {
        ensure(more === undefined && moreNamed === undefined);
        more = this.expression();
      } else if (this.#cursor.skip("operator", "**")) {
        ensure(moreNamed === undefined);
        moreNamed = this.expression();
      } else if (this.#cursor.now.kind === "name" && this.#cursor.after?.kind === "operator" && this.#cursor.after?.text === "=") {
        ensure(moreNamed === undefined);
        const { text } = this.#cursor.take();
        this.#cursor.take();
        named.push([text, this.expression()]);
      } else {
        ensure(more === undefined && moreNamed === undefined && named.length === 0);
        args.push(this.expression());
      }
    }
    return { args, named, more, moreNamed };
  }
}

interface TupleOptions {
  readonly conditional?: boolean;
  readonly ends?: readonly string[];
  readonly parentheses?: boolean;
}

const nothing: Given = { args: [], named: [], more: undefined, moreNamed: undefined };
