import { isList } from "@bellhop/contracts";
import { Fault, isObject, typeName } from "@bellhop/expression";

/** A criterion's key that can't be read: `at` says what stood in the way, nothing where the key ends too early. */
export class KeyFault extends Error {
  override readonly name = "KeyFault";
  readonly at: { readonly column: number; readonly text: string; readonly kind: "character" | "word" } | undefined;

  constructor(key: string, at?: KeyFault["at"]) {
    super(at === undefined ? `the key "${key}" ends too early` : `the key "${key}" can't have "${at.text}" at column ${at.column}`);
    this.at = at;
  }
}

/** A value and what it was found in. */
interface Found {
  readonly value: unknown;
  readonly within: Found | undefined;
}

type Step = (from: Found) => Found[];

/** Reads a key such as `trigger.headers['X-Event'].list[0]`: JSONPath as StackStorm's library has it, what stands after a `#` left out. The
 *  function returned gives the first value found in a context; undefined where there is none. @throws KeyFault */
export function compileKey(key: string): (context: Readonly<Record<string, unknown>>) => unknown {
  const path = key.split("#", 1)[0] ?? "";
  const plain =
    /^[A-Za-z_@][\w@-]*(?:\.[A-Za-z_@][\w@-]*)*$/.test(path) && !/(?:^|\.)where(?:\.|$)/.test(path) ? path.split(".") : undefined;
  if (plain !== undefined) return (context) => plain.reduce<unknown>((value, name) => fieldOf(value, name), context);
  const step = new KeyParser(path, tokensOf(path)).parsed();
  return (context) => step({ value: context, within: undefined })[0]?.value;
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

interface Token {
  readonly kind: "name" | "number" | "operation" | ".." | "where" | "sign";
  readonly text: string;
  readonly column: number;
}

function tokensOf(path: string): Token[] {
  const tokens: Token[] = [];
  const next = /[ \t]*(?:([A-Za-z_@][\w@-]*)|(-?\d+)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`]*)`|(\.\.)|([*.[\]()$,:|&]))/y;
  for (let at = 0; at < path.trimEnd().length; at = next.lastIndex) {
    next.lastIndex = at;
    const found = next.exec(path);
    if (found === null) {
      const column = at + (/^[ \t]*/.exec(path.slice(at))?.[0].length ?? 0);
      throw new KeyFault(path, { column, text: String.fromCodePoint(path.codePointAt(column) ?? 0), kind: "character" });
    }
    const [, name, number, single, double, operation, descend, sign] = found;
    const quoted = single ?? double;
    if (name !== undefined) tokens.push({ kind: name === "where" ? "where" : "name", text: name, column: at });
    else if (quoted !== undefined) tokens.push({ kind: "name", text: quoted.replaceAll(/\\(.)/g, "$1"), column: at });
    else if (number !== undefined) tokens.push({ kind: "number", text: number, column: at });
    else if (operation !== undefined) tokens.push({ kind: "operation", text: operation, column: at });
    else tokens.push({ kind: descend === undefined ? "sign" : "..", text: descend ?? sign ?? "", column: at });
  }
  return tokens;
}

/** Weakest first: `a.b|c.d` is `a.(b|c).d`. */
const strength: Readonly<Record<string, number>> = { "..": 1, ".": 2, "|": 3, "&": 4, where: 5 };

class KeyParser {
  readonly #path: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(path: string, tokens: readonly Token[]) {
    this.#path = path;
    this.#tokens = tokens;
  }

  parsed(): Step {
    const step = this.#joined(0);
    if (this.#at < this.#tokens.length) throw this.#fault();
    return step;
  }

  #joined(weakest: number): Step {
    let left = this.#single();
    for (;;) {
      const sign = this.#tokens[this.#at];
      if (sign?.text === "[" && sign.kind === "sign") {
        const right = this.#bracket();
        left = child(left, right);
        continue;
      }
      const power = sign === undefined || sign.kind === "name" ? undefined : strength[sign.text];
      if (sign === undefined || power === undefined || power <= weakest) return left;
      this.#at += 1;
      left = join(sign.text, left, this.#joined(power));
    }
  }

  #single(): Step {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.#fault();
    if (token.kind === "sign" && token.text === "[") return this.#bracket();
    if (token.kind === "name" || token.text === "*") return fields(this.#names());
    this.#at += 1;
    if (token.kind === "sign" && token.text === "$") return (from) => [rootOf(from)];
    if (token.kind === "operation" && token.text === "this") return (from) => [from];
    if (token.kind === "operation" && token.text === "parent") return (from) => (from.within === undefined ? [] : [from.within]);
    if (token.kind === "sign" && token.text === "(") {
      const inner = this.#joined(0);
      this.#expect(")");
      return inner;
    }
    this.#at -= 1;
    throw this.#fault();
  }

  /** One name, several between commas, or `*` for all. */
  #names(): readonly string[] | "*" {
    if (this.#take("*")) return "*";
    const names: string[] = [];
    do {
      const token = this.#tokens[this.#at];
      if (token?.kind !== "name") throw this.#fault();
      names.push(token.text);
      this.#at += 1;
    } while (this.#take(","));
    return names;
  }

  #bracket(): Step {
    this.#expect("[");
    const step = this.#inBrackets();
    this.#expect("]");
    return step;
  }

  #inBrackets(): Step {
    if (this.#tokens[this.#at]?.kind === "name") return fields(this.#names());
    if (this.#take("*")) return slice(undefined, undefined);
    const first = this.#number();
    if (!this.#take(":")) {
      if (first === undefined) throw this.#fault();
      return item(first);
    }
    return slice(first, this.#number());
  }

  #number(): number | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "number") return undefined;
    this.#at += 1;
    return Number(token.text);
  }

  #take(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "sign" || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#fault();
  }

  #fault(): KeyFault {
    const token = this.#tokens[this.#at];
    return new KeyFault(this.#path, token === undefined ? undefined : { column: token.column, text: token.text, kind: "word" });
  }
}

function join(sign: string, left: Step, right: Step): Step {
  switch (sign) {
    case ".":
      return child(left, right);
    case "..":
      return (from) => left(from).flatMap((found) => below(found, right));
    case "|":
      return (from) => [...left(from), ...right(from)];
    case "where":
      return (from) => left(from).filter((found) => right(found).length > 0);
    default:
      return () => {
        throw new Fault("NotImplementedError", "");
      };
  }
}

function child(left: Step, right: Step): Step {
  return (from) => left(from).flatMap(right);
}

function below(from: Found, right: Step): Found[] {
  const inner = isList(from.value) ? from.value : isObject(from.value) ? Object.values(from.value) : [];
  return [...right(from), ...inner.flatMap((value) => below({ value, within: from }, right))];
}

function fields(names: readonly string[] | "*"): Step {
  return (from) => {
    const { value } = from;
    if (!isObject(value)) return [];
    const wanted = names === "*" ? Object.keys(value) : names.filter((name) => Object.hasOwn(value, name));
    return wanted.map((name) => ({ value: value[name], within: from }));
  };
}

function item(index: number): Step {
  return (from) => {
    const { value } = from;
    const members = membersOf(value);
    if (members.length <= index) return [];
    if (isObject(value)) throw new Fault("KeyError", String(index));
    const at = index < 0 ? members.length + index : index;
    if (at < 0) throw new Fault("IndexError", `${typeof value === "string" ? "string" : "list"} index out of range`);
    return [{ value: members[at], within: from }];
  };
}

/** What is no list is a list of itself. */
function slice(start: number | undefined, end: number | undefined): Step {
  return (from) => {
    const { value } = from;
    const single = typeof value === "string" || typeof value === "boolean" || typeName(value) === "int" || isObject(value);
    const items = single ? [value] : membersOf(value);
    return items.slice(start, end).map((one) => ({ value: one, within: from }));
  };
}

/** What Python's `len` counts. */
function membersOf(value: unknown): readonly unknown[] {
  if (typeof value === "string") return Array.from(value);
  if (isList(value)) return value;
  if (isObject(value)) return Object.keys(value);
  throw new Fault("TypeError", `object of type '${typeName(value)}' has no len()`);
}

function rootOf(from: Found): Found {
  return from.within === undefined ? from : rootOf(from.within);
}
