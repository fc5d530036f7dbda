import { float, int } from "../number.ts";
import { JinjaSyntaxError } from "./errors.ts";
import { lexExpression, lexTemplate, type Token } from "./lexer.ts";
import type { Comparison, Expression, Given, Operator, Signature, Statement, Target } from "./nodes.ts";

/** Reads a whole template. @throws {JinjaSyntaxError} */
export function parseTemplate(source: string): readonly Statement[] {
  return new Parser(lexTemplate(source)).template();
}

/** Reads one expression, without braces: nothing may come after it. @throws {JinjaSyntaxError} */
export function parseExpression(source: string): Expression {
  return new Parser(lexExpression(source)).whole();
}

/** Deeper than any template is, and less than the stack holds. */
const deepest = 100;
const comparisons: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);
const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);
/** No variable can have these names. */
const reserved: ReadonlySet<string> = new Set(["true", "false", "none", "True", "False", "None"]);

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  /** The blocks that are open, the innermost last. */
  readonly #blocks: string[] = [];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  template(): readonly Statement[] {
    return this.#statements([]).body;
  }

  whole(): Expression {
    const expression = this.#expression();
    if (this.#now.kind !== "end") throw new JinjaSyntaxError("chunk after expression", this.#now.at);
    return expression;
  }

  get #now(): Token {
    const token = this.#tokens[Math.min(this.#next, this.#tokens.length - 1)];
    if (token === undefined) throw new Error("a token list has an end");
    return token;
  }

  #take(): Token {
    const token = this.#now;
    this.#next += 1;
    return token;
  }

  #is(kind: "name" | "operator", ...texts: readonly string[]): boolean {
    return this.#now.kind === kind && texts.includes(this.#now.text);
  }

  #skip(kind: "name" | "operator", text: string): boolean {
    if (!this.#is(kind, text)) return false;
    this.#next += 1;
    return true;
  }

  #expect(kind: Token["kind"], text?: string): Token {
    if (this.#now.kind !== kind || (text !== undefined && this.#now.text !== text)) throw this.#unexpected(text ?? kindNames[kind]);
    return this.#take();
  }

  #unexpected(expected: string): JinjaSyntaxError {
    const { kind, at } = this.#now;
    if (kind === "end") return new JinjaSyntaxError(`unexpected end of template, expected '${expected}'.`, at);
    return new JinjaSyntaxError(`expected token '${expected}', got ${nameOf(this.#now)}`, at);
  }

  #deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > deepest) throw new JinjaSyntaxError(`nested more than ${deepest} levels deep`, this.#now.at);
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** Up to one of the tags named, which is taken; with none named, up to the end. */
  #statements(ends: readonly string[]): { body: Statement[]; end: string } {
    return this.#deeper(() => {
      const body: Statement[] = [];
      if (ends.length > 0) {
        this.#skip("operator", ":");
        this.#expect("blockEnd");
      }
      for (;;) {
        const token = this.#now;
        if (token.kind === "end") {
          if (ends.length === 0) return { body, end: "" };
          const wanted = ends.map((end) => `'${end}'`).join(" or ");
          throw new JinjaSyntaxError(
            `Unexpected end of template. Jinja was looking for the following tags: ${wanted}. The innermost block that needs to be closed is '${this.#blocks.at(-1) ?? ""}'.`,
            token.at,
          );
        }
        this.#next += 1;
        if (token.kind === "text") body.push({ kind: "text", text: token.text, at: token.at });
        else if (token.kind === "variableBegin") {
          body.push({ kind: "print", value: this.#tuple(), at: token.at });
          this.#expect("variableEnd");
        } else {
          if (this.#is("name", ...ends)) return { body, end: this.#take().text };
          this.#blocks.push(this.#now.text);
          body.push(...this.#statement());
          this.#blocks.pop();
          this.#expect("blockEnd");
        }
      }
    });
  }

  #body(end: string): readonly Statement[] {
    return this.#statements([end]).body;
  }

  #statement(): Statement[] {
    const { text: tag, kind, at } = this.#now;
    if (kind !== "name") throw new JinjaSyntaxError("tag name expected", at);
    this.#next += 1;
    switch (tag) {
      case "for":
        return [this.#for(at)];
      case "if":
        return [this.#if(at)];
      case "print":
        return this.#print(at);
      case "macro":
        return [this.#macro(at)];
      case "call":
        return [this.#call(at)];
      case "filter":
        return [this.#filterBlock(at)];
      case "set":
        return [this.#set(at)];
      case "with":
        return [this.#with(at)];
      case "block":
        return [this.#block(at)];
      case "include":
      case "import":
      case "from":
      case "extends":
        return [this.#other(tag, at)];
      case "autoescape":
        return [this.#autoescape(at)];
      default:
        throw new JinjaSyntaxError(`Encountered unknown tag '${tag}'.`, at);
    }
  }

  #for(at: number): Statement {
    const target = this.#target(["in"]);
    this.#expect("name", "in");
    const items = this.#tuple({ conditional: false, ends: ["recursive"] });
    const test = this.#skip("name", "if") ? this.#expression() : undefined;
    const recursive = this.#skip("name", "recursive");
    const { body, end } = this.#statements(["endfor", "else"]);
    return { kind: "for", target, items, test, recursive, body, otherwise: end === "else" ? this.#body("endfor") : [], at };
  }

  #if(at: number): Statement {
    const branches: [Expression, readonly Statement[]][] = [];
    for (;;) {
      const test = this.#tuple({ conditional: false });
      const { body, end } = this.#statements(["elif", "else", "endif"]);
      branches.push([test, body]);
      if (end === "else") return { kind: "if", branches, otherwise: this.#body("endif"), at };
      if (end === "endif") return { kind: "if", branches, otherwise: [], at };
    }
  }

  #print(at: number): Statement[] {
    const printed: Statement[] = [];
    while (this.#now.kind !== "blockEnd") {
      if (printed.length > 0) this.#expect("operator", ",");
      printed.push({ kind: "print", value: this.#expression(), at });
    }
    return printed;
  }

  #macro(at: number): Statement {
    const name = this.#name();
    const signature = this.#signature();
    return { kind: "macro", name, signature, body: this.#body("endmacro"), at };
  }

  #call(at: number): Statement {
    const signature = this.#is("operator", "(") ? this.#signature() : { parameters: [], defaults: [] };
    const call = this.#expression();
    if (call.kind !== "call") throw new JinjaSyntaxError("expected call", call.at);
    return { kind: "call", call, signature, body: this.#body("endcall"), at };
  }

  #filterBlock(at: number): Statement {
    // The name and the arguments come before the body that they are for.
    const inner: Statement[] = [];
    let value = this.#filter({ kind: "body", body: inner, at });
    while (this.#skip("operator", "|")) value = this.#filter(value);
    inner.push(...this.#body("endfilter"));
    return { kind: "filter", value, at };
  }

  #set(at: number): Statement {
    const target = this.#target([]);
    if (this.#skip("operator", "=")) return { kind: "set", target, value: this.#tuple(), at };
    const inner: Statement[] = [];
    let value: Expression = { kind: "body", body: inner, at };
    while (this.#skip("operator", "|")) value = this.#filter(value);
    inner.push(...this.#body("endset"));
    return { kind: "set", target, value, at };
  }

  #with(at: number): Statement {
    const targets: [Target, Expression][] = [];
    while (this.#now.kind !== "blockEnd") {
      if (targets.length > 0) this.#expect("operator", ",");
      const target = this.#target([]);
      this.#expect("operator", "=");
      targets.push([target, this.#expression()]);
    }
    return { kind: "with", targets, body: this.#body("endwith"), at };
  }

  /** There is nothing to inherit from, so that a block is what is in it. */
  #block(at: number): Statement {
    const name = this.#expect("name").text;
    this.#skip("name", "scoped");
    this.#skip("name", "required");
    if (this.#is("operator", "-")) throw new JinjaSyntaxError("Block names may not contain hyphens.", this.#now.at);
    const body = this.#body("endblock");
    this.#skip("name", name);
    return { kind: "scope", body, at };
  }

  #other(tag: string, at: number): Statement {
    while (this.#now.kind !== "blockEnd" && this.#now.kind !== "end") this.#next += 1;
    return { kind: "refused", reason: `"${tag}" wants another template, and there are none: everything is in this one`, at };
  }

  #autoescape(at: number): Statement {
    const on = this.#expression();
    const body = this.#body("endautoescape");
    if (on.kind === "const" && on.value === false) return { kind: "scope", body, at };
    return { kind: "refused", reason: "autoescape can't be switched on: what is made here is no HTML; use the filter escape", at };
  }

  #signature(): Signature {
    this.#expect("operator", "(");
    const parameters: string[] = [];
    const defaults: Expression[] = [];
    while (!this.#is("operator", ")")) {
      if (parameters.length > 0) this.#expect("operator", ",");
      const { at } = this.#now;
      parameters.push(this.#name());
      if (this.#skip("operator", "=")) defaults.push(this.#expression());
      else if (defaults.length > 0) throw new JinjaSyntaxError("non-default argument follows default argument", at);
    }
    this.#next += 1;
    return { parameters, defaults };
  }

  #name(): string {
    const { at } = this.#now;
    const name = this.#expect("name").text;
    if (reserved.has(name)) throw new JinjaSyntaxError("can't assign to 'const'", at);
    return name;
  }

  #target(ends: readonly string[]): Target {
    const { at } = this.#now;
    const targets: Target[] = [];
    let several = false;
    for (;;) {
      if (targets.length > 0) this.#expect("operator", ",");
      if (targets.length > 0 && (this.#ended() || this.#is("name", ...ends) || this.#is("operator", "="))) break;
      targets.push(this.#oneTarget(ends));
      if (!this.#is("operator", ",")) break;
      several = true;
    }
    const [first] = targets;
    return first !== undefined && !several ? first : { kind: "tuple", targets, at };
  }

  #oneTarget(ends: readonly string[]): Target {
    const { at } = this.#now;
    if (this.#skip("operator", "(")) {
      const inner = this.#target(ends);
      this.#expect("operator", ")");
      return inner;
    }
    const name = this.#name();
    if (ends.length === 0 && this.#skip("operator", ".")) return { kind: "namespace", name, attribute: this.#expect("name").text, at };
    return { kind: "name", name, at };
  }

  #ended(): boolean {
    return this.#now.kind === "variableEnd" || this.#now.kind === "blockEnd" || this.#is("operator", ")");
  }

  /** An expression, or several with commas between them. */
  #tuple({ conditional = true, ends = [], parentheses = false }: TupleOptions = {}): Expression {
    const { at } = this.#now;
    const items: Expression[] = [];
    let several = false;
    for (;;) {
      if (items.length > 0) this.#expect("operator", ",");
      if (this.#ended() || this.#is("name", ...ends)) break;
      items.push(conditional ? this.#expression() : this.#or());
      if (!this.#is("operator", ",")) break;
      several = true;
    }
    const [first] = items;
    if (several) return { kind: "tuple", items, at };
    if (first !== undefined) return first;
    if (!parentheses) throw new JinjaSyntaxError(`Expected an expression, got ${nameOf(this.#now)}`, at);
    return { kind: "tuple", items, at };
  }

  #expression(): Expression {
    return this.#deeper(() => {
      let value = this.#or();
      while (this.#is("name", "if")) {
        const { at } = this.#take();
        const test = this.#or();
        const otherwise = this.#skip("name", "else") ? this.#expression() : undefined;
        value = { kind: "if", test, value, otherwise, at };
      }
      return value;
    });
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#is("name", "or")) left = { at: this.#take().at, kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#is("name", "and")) left = { at: this.#take().at, kind: "and", left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    if (!this.#is("name", "not")) return this.#comparison();
    const { at } = this.#take();
    return { kind: "not", operand: this.#deeper(() => this.#not()), at };
  }

  #comparison(): Expression {
    const first = this.#sum();
    const rest: [Comparison, Expression][] = [];
    for (;;) {
      const token = this.#now;
      if (token.kind === "operator" && comparisons.has(token.text)) {
        this.#next += 1;
        rest.push([token.text as Comparison, this.#sum()]);
      } else if (this.#skip("name", "in")) rest.push(["in", this.#sum()]);
      else if (this.#is("name", "not") && this.#tokens[this.#next + 1]?.text === "in" && this.#tokens[this.#next + 1]?.kind === "name") {
        this.#next += 2;
        rest.push(["not in", this.#sum()]);
      } else return rest.length === 0 ? first : { kind: "compare", first, rest, at: first.at };
    }
  }

  #sum(): Expression {
    return this.#binary(["+", "-"], () => this.#concat());
  }

  #concat(): Expression {
    const first = this.#product();
    if (!this.#is("operator", "~")) return first;
    const parts = [first];
    while (this.#skip("operator", "~")) parts.push(this.#product());
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
    while (this.#is("operator", ...operators)) {
      const { text, at } = this.#take();
      left = { kind: "binary", operator: text as Operator, left, right: operand(), at };
    }
    return left;
  }

  /** A sign binds closer than a filter: `-1|abs` is `(-1)|abs`. */
  #unary(filtered = true): Expression {
    const { at } = this.#now;
    const sign = this.#is("operator", "-", "+") ? this.#take().text : undefined;
    const inner = sign === undefined ? this.#primary() : undefined;
    const operand = inner ?? {
      kind: sign === "-" ? ("negative" as const) : ("positive" as const),
      operand: this.#deeper(() => this.#unary(false)),
      at,
    };
    const whole = this.#postfix(operand);
    return filtered ? this.#filters(whole) : whole;
  }

  #primary(): Expression {
    const token = this.#take();
    const { at } = token;
    switch (token.kind) {
      case "name":
        if (constants.has(token.text)) return { kind: "const", value: constants.get(token.text), at };
        return { kind: "name", name: token.text, at };
      case "string": {
        let value = token.value;
        while (this.#now.kind === "string") {
          const more = this.#take();
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
          const inner = this.#deeper(() => this.#tuple({ parentheses: true }));
          this.#expect("operator", ")");
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
    while (!this.#skip("operator", "]")) {
      if (items.length > 0) this.#expect("operator", ",");
      if (this.#skip("operator", "]")) break;
      items.push(this.#expression());
    }
    return items;
  }

  #pairs(): [Expression, Expression][] {
    const pairs: [Expression, Expression][] = [];
    while (!this.#skip("operator", "}")) {
      if (pairs.length > 0) this.#expect("operator", ",");
      if (this.#skip("operator", "}")) break;
      const key = this.#expression();
      this.#expect("operator", ":");
      pairs.push([key, this.#expression()]);
    }
    return pairs;
  }

  #postfix(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.#is("operator", ".", "[")) node = this.#subscript(node);
      else if (this.#is("operator", "(")) node = this.#callOf(node);
      else return node;
    }
  }

  #filters(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.#skip("operator", "|")) node = this.#filter(node);
      else if (this.#is("name", "is")) node = this.#test(node);
      else if (this.#is("operator", "(")) node = this.#callOf(node);
      else return node;
    }
  }

  #callOf(target: Expression): Expression {
    const { at } = this.#now;
    return { kind: "call", target, given: this.#given(), at };
  }

  #subscript(target: Expression): Expression {
    const { text, at } = this.#take();
    if (text === ".") {
      const token = this.#take();
      if (token.kind === "name") return { kind: "attribute", target, name: token.text, at: token.at };
      if (token.kind !== "int") throw new JinjaSyntaxError("expected name or number", token.at);
      return { kind: "item", target, index: { kind: "const", value: int(token.value), at: token.at }, at };
    }
    const indexes: Expression[] = [];
    while (!this.#skip("operator", "]")) {
      if (indexes.length > 0) this.#expect("operator", ",");
      indexes.push(this.#index());
    }
    const [first] = indexes;
    return { kind: "item", target, index: first !== undefined && indexes.length === 1 ? first : { kind: "tuple", items: indexes, at }, at };
  }

  #index(): Expression {
    const { at } = this.#now;
    const part = (): Expression | undefined => (this.#is("operator", ":", "]", ",") ? undefined : this.#expression());
    const start = part();
    if (!this.#skip("operator", ":")) {
      if (start === undefined) throw new JinjaSyntaxError(`unexpected ${nameOf(this.#now)}`, at);
      return start;
    }
    const stop = part();
    const step = this.#skip("operator", ":") ? part() : undefined;
    return { kind: "slice", start, stop, step, at };
  }

  #filter(target: Expression): Expression {
    const { at } = this.#now;
    const name = this.#dotted();
    return { kind: "filter", target, name, given: this.#is("operator", "(") ? this.#given() : nothing, at };
  }

  #test(target: Expression): Expression {
    const { at } = this.#take();
    const negated = this.#skip("name", "not");
    const name = this.#dotted();
    const test: Expression = { kind: "test", target, name, given: this.#testGiven(), at };
    return negated ? { kind: "not", operand: test, at } : test;
  }

  /** The argument of a test needs no parentheses. */
  #testGiven(): Given {
    if (this.#is("operator", "(")) return this.#given();
    const { kind } = this.#now;
    const begins = kind === "name" || kind === "string" || kind === "int" || kind === "float" || this.#is("operator", "[", "{");
    if (!begins || this.#is("name", "else", "or", "and")) return nothing;
    if (this.#is("name", "is")) throw new JinjaSyntaxError("You cannot chain multiple tests with is", this.#now.at);
    return { ...nothing, args: [this.#postfix(this.#primary())] };
  }

  #dotted(): string {
    let name = this.#expect("name").text;
    while (this.#skip("operator", ".")) name += `.${this.#expect("name").text}`;
    return name;
  }

  #given(): Given {
    const { at } = this.#expect("operator", "(");
    const args: Expression[] = [];
    const named: [string, Expression][] = [];
    let more: Expression | undefined;
    let moreNamed: Expression | undefined;
    const ensure = (holds: boolean): void => {
      if (!holds) throw new JinjaSyntaxError("invalid syntax for function call expression", at);
    };
    for (let comma = false; !this.#skip("operator", ")"); comma = true) {
      if (comma) this.#expect("operator", ",");
      if (comma && this.#skip("operator", ")")) break;
      if (this.#skip("operator", "*")) {
        ensure(more === undefined && moreNamed === undefined);
        more = this.#expression();
      } else if (this.#skip("operator", "**")) {
        ensure(moreNamed === undefined);
        moreNamed = this.#expression();
      } else if (
        this.#now.kind === "name" &&
        this.#tokens[this.#next + 1]?.kind === "operator" &&
        this.#tokens[this.#next + 1]?.text === "="
      ) {
        ensure(moreNamed === undefined);
        const { text } = this.#take();
        this.#next += 1;
        named.push([text, this.#expression()]);
      } else {
        ensure(more === undefined && moreNamed === undefined && named.length === 0);
        args.push(this.#expression());
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

const kindNames: Readonly<Record<Token["kind"], string>> = {
  text: "template data / text",
  blockBegin: "begin of statement block",
  blockEnd: "end of statement block",
  variableBegin: "begin of print statement",
  variableEnd: "end of print statement",
  end: "end of template",
  name: "name",
  operator: "operator",
  string: "string",
  int: "integer",
  float: "float",
};

function nameOf(token: Token): string {
  return token.kind === "name" || token.kind === "operator" ? `'${token.text}'` : `'${kindNames[token.kind]}'`;
}
