import { Cursor } from "./cursor.ts";
import { JinjaSyntaxError } from "./errors.ts";
import { constants, ExpressionParser } from "./expression-parser.ts";
import { lexExpression, lexTemplate } from "./lexer.ts";
import type { Expression, Signature, Statement, Target } from "./nodes.ts";

/** Reads a whole template. @throws {JinjaSyntaxError} */
export function parseTemplate(source: string): readonly Statement[] {
  return new TemplateParser(new Cursor(lexTemplate(source))).template();
}

/** Reads one expression, without braces: nothing may come after it. @throws {JinjaSyntaxError} */
export function parseExpression(source: string): Expression {
  return new ExpressionParser(new Cursor(lexExpression(source))).whole();
}

/** Reads text, tags and blocks. */
class TemplateParser {
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionParser;
  /** The blocks that are open, the innermost last. */
  readonly #blocks: string[] = [];
  /** The names of `{% block %}`. */
  readonly #named = new Set<string>();

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    this.#expressions = new ExpressionParser(cursor);
  }

  template(): readonly Statement[] {
    return this.#statements([]).body;
  }

  /** Up to one of the tags named, which is taken; with none named, up to the end. */
  #statements(ends: readonly string[]): { body: Statement[]; end: string } {
    return this.#cursor.deeper(() => {
      const body: Statement[] = [];
      if (ends.length > 0) {
        this.#cursor.skip("operator", ":");
        this.#cursor.expect("blockEnd");
      }
      for (;;) {
        const token = this.#cursor.now;
        if (token.kind === "end") {
          if (ends.length === 0) return { body, end: "" };
          const wanted = ends.map((end) => `'${end}'`).join(" or ");
          throw new JinjaSyntaxError(
            `Unexpected end of template. Jinja was looking for the following tags: ${wanted}. The innermost block that needs to be closed is '${this.#blocks.at(-1) ?? ""}'.`,
            token.at,
          );
        }
        this.#cursor.take();
        if (token.kind === "text") body.push({ kind: "text", text: token.text, at: token.at });
        else if (token.kind === "variableBegin") {
          body.push({ kind: "print", value: this.#expressions.tuple(), at: token.at });
          this.#cursor.expect("variableEnd");
        } else {
          if (this.#cursor.is("name", ...ends)) return { body, end: this.#cursor.take().text };
          this.#blocks.push(this.#cursor.now.text);
          body.push(...this.#statement());
          this.#blocks.pop();
          this.#cursor.expect("blockEnd");
        }
      }
    });
  }

  #body(end: string): readonly Statement[] {
    return this.#statements([end]).body;
  }

  #statement(): Statement[] {
    const { text: tag, kind, at } = this.#cursor.now;
    if (kind !== "name") throw new JinjaSyntaxError("tag name expected", at);
    this.#cursor.take();
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
    this.#cursor.expect("name", "in");
    const items = this.#expressions.tuple({ conditional: false, ends: ["recursive"] });
    const test = this.#cursor.skip("name", "if") ? this.#expressions.expression() : undefined;
    const recursive = this.#cursor.skip("name", "recursive");
    const { body, end } = this.#statements(["endfor", "else"]);
    return { kind: "for", target, items, test, recursive, body, otherwise: end === "else" ? this.#body("endfor") : [], at };
  }

  #if(at: number): Statement {
    const branches: [Expression, readonly Statement[]][] = [];
    for (;;) {
      const test = this.#expressions.tuple({ conditional: false });
      const { body, end } = this.#statements(["elif", "else", "endif"]);
      branches.push([test, body]);
      if (end === "else") return { kind: "if", branches, otherwise: this.#body("endif"), at };
      if (end === "endif") return { kind: "if", branches, otherwise: [], at };
    }
  }

  #print(at: number): Statement[] {
    const printed: Statement[] = [];
    while (this.#cursor.now.kind !== "blockEnd") {
      if (printed.length > 0) this.#cursor.expect("operator", ",");
      printed.push({ kind: "print", value: this.#expressions.expression(), at });
    }
    return printed;
  }

  #macro(at: number): Statement {
    const name = this.#name();
    const signature = this.#signature();
    return { kind: "macro", name, signature, body: this.#body("endmacro"), at };
  }

  #call(at: number): Statement {
    const signature = this.#cursor.is("operator", "(") ? this.#signature() : { parameters: [], defaults: [] };
    const call = this.#expressions.expression();
    if (call.kind !== "call") throw new JinjaSyntaxError("expected call", call.at);
    return { kind: "call", call, signature, body: this.#body("endcall"), at };
  }

  #filterBlock(at: number): Statement {
    // The name and the arguments come before the body that they are for.
    const inner: Statement[] = [];
    let value = this.#expressions.filter({ kind: "body", body: inner, at });
    while (this.#cursor.skip("operator", "|")) value = this.#expressions.filter(value);
    inner.push(...this.#body("endfilter"));
    return { kind: "filter", value, at };
  }

  #set(at: number): Statement {
    const target = this.#target([]);
    if (this.#cursor.skip("operator", "=")) return { kind: "set", target, value: this.#expressions.tuple(), at };
    const inner: Statement[] = [];
    let value: Expression = { kind: "body", body: inner, at };
    while (this.#cursor.skip("operator", "|")) value = this.#expressions.filter(value);
    inner.push(...this.#body("endset"));
    return { kind: "set", target, value, at };
  }

  #with(at: number): Statement {
    const targets: [Target, Expression][] = [];
    while (this.#cursor.now.kind !== "blockEnd") {
      if (targets.length > 0) this.#cursor.expect("operator", ",");
      const target = this.#target([]);
      this.#cursor.expect("operator", "=");
      targets.push([target, this.#expressions.expression()]);
    }
    return { kind: "with", targets, body: this.#body("endwith"), at };
  }

  /** There is nothing to inherit from, so that a block is what is in it. */
  #block(at: number): Statement {
    const name = this.#cursor.expect("name").text;
    this.#cursor.skip("name", "scoped");
    this.#cursor.skip("name", "required");
    if (this.#cursor.is("operator", "-")) throw new JinjaSyntaxError("Block names may not contain hyphens.", this.#cursor.now.at);
    if (this.#named.has(name)) throw new JinjaSyntaxError(`block '${name}' defined twice`, at);
    this.#named.add(name);
    const body = this.#body("endblock");
    this.#cursor.skip("name", name);
    return { kind: "scope", body, at };
  }

  #other(tag: string, at: number): Statement {
    while (this.#cursor.now.kind !== "blockEnd" && this.#cursor.now.kind !== "end") this.#cursor.take();
    return { kind: "refused", reason: `"${tag}" wants another template, and there are none: everything is in this one`, at };
  }

  #autoescape(at: number): Statement {
    const on = this.#expressions.expression();
    const body = this.#body("endautoescape");
    if (on.kind === "const" && on.value === false) return { kind: "scope", body, at };
    return { kind: "refused", reason: "autoescape can't be switched on: what is made here is no HTML; use the filter escape", at };
  }

  #signature(): Signature {
    this.#cursor.expect("operator", "(");
    const parameters: string[] = [];
    const defaults: Expression[] = [];
    while (!this.#cursor.is("operator", ")")) {
      if (parameters.length > 0) this.#cursor.expect("operator", ",");
      const { at } = this.#cursor.now;
      parameters.push(this.#name());
      if (this.#cursor.skip("operator", "=")) defaults.push(this.#expressions.expression());
      else if (defaults.length > 0) throw new JinjaSyntaxError("non-default argument follows default argument", at);
    }
    this.#cursor.take();
    return { parameters, defaults };
  }

  #name(): string {
    const { at } = this.#cursor.now;
    const name = this.#cursor.expect("name").text;
    if (constants.has(name)) throw new JinjaSyntaxError("can't assign to 'const'", at);
    return name;
  }

  #target(ends: readonly string[]): Target {
    const { at } = this.#cursor.now;
    const targets: Target[] = [];
    let several = false;
    for (;;) {
      if (targets.length > 0) this.#cursor.expect("operator", ",");
      if (targets.length > 0 && (this.#expressions.ended() || this.#cursor.is("name", ...ends) || this.#cursor.is("operator", "="))) break;
      targets.push(this.#oneTarget(ends));
      if (!this.#cursor.is("operator", ",")) break;
      several = true;
    }
    const [first] = targets;
    return first !== undefined && !several ? first : { kind: "tuple", targets, at };
  }

  #oneTarget(ends: readonly string[]): Target {
    const { at } = this.#cursor.now;
    if (this.#cursor.skip("operator", "(")) {
      const inner = this.#target(ends);
      this.#cursor.expect("operator", ")");
      return inner;
    }
    const name = this.#name();
    if (ends.length === 0 && this.#cursor.skip("operator", "."))
      return { kind: "namespace", name, attribute: this.#cursor.expect("name").text, at };
    return { kind: "name", name, at };
  }
}
