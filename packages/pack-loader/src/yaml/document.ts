import { isFields, valueAt } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import { Budget, parseYaml } from "@bellhop/expression";
import { isAlias, isMap, isNode, isPair, isScalar, visit, type Document, type Node, type Tags } from "yaml";
import type { z } from "zod";
import { placesOf, type Located, type Path, type Range } from "../located.ts";
import type { PackProblem } from "../problem.ts";

export interface ReadDocument<Value> extends Pick<Located<Value>, "at" | "file"> {
  readonly value: Value | undefined;
  readonly problems: PackProblem[];
  readonly warnings: PackProblem[];
  /** The text of a scalar as it was written: `1.10` is no number then. */
  readonly written: (path: Path) => string | undefined;
}

/** Reads one YAML file (JSON is YAML too) and checks its shape. The rules are those of YAML 1.1, which StackStorm's packs are written in:
 *  `yes` is true, and a key that stands twice is allowed, though pointed out. */
export function readDocument<Value>(file: string, text: string, schema: z.ZodType<Value>): ReadDocument<Value> {
  const problems: PackProblem[] = [];
  const warnings: PackProblem[] = [];
  const inText = placesOf(text, () => undefined);
  const parsedText = parse(text);
  if (parsedText.kind === "fault") {
    const { message, offset, hint } = parsedText;
    problems.push({ file, ...placesOf(text, () => [offset, text.length])([]), message, hint });
    return { file, at: inText, problems, warnings, written: () => undefined, value: undefined };
  }
  const { document, raw } = parsedText;
  const at = placesOf(text, (path) => rangeOf(document, path));
  // After some of them the rest only follows from them.
  for (const error of [...document.errors.slice(0, 10), ...document.warnings]) {
    const place = placesOf(text, () => [error.pos[0], text.length])([]);
    const list = error.code === "DUPLICATE_KEY" ? warnings : problems;
    list.push({ file, ...place, message: `${error.message.replace(/\s+at line \d+.*$/s, "")}.`.replace(/\.\.$/, "."), hint: "" });
  }
  const read = { file, at, problems, warnings, written: (path: Path) => writtenAt(document, path) };
  if (problems.length > 0) return { ...read, value: undefined };
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    const found = raw === null || raw === undefined ? "empty" : `${shown(raw)}`;
    problems.push({ file, ...inText([]), message: `${file} is ${found}; expected fields (name: value).`, hint: "" });
    return { ...read, value: undefined };
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { ...read, value: parsed.data };
  for (const issue of parsed.error.issues) problems.push(...problemsOf({ file, document, text, at, raw, schema }, issue));
  return { ...read, value: schema.safeParse(withoutUnknown(raw, parsed.error.issues)).data };
}

type ParsedText = { kind: "ok"; document: Document; raw: unknown } | { kind: "fault"; message: string; offset: number; hint: string };

/** The document, and what it says as plain values: a tree, whatever its anchors would make of it. */
function parse(text: string): ParsedText {
  let document: Document;
  try {
    document = parsedAsWritten(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return tooDeep;
  }
  if (document.errors.some(({ message }) => message.startsWith("Maximum call stack"))) return tooDeep;
  const unfit = unfitIn(document);
  if (unfit !== undefined) return unfit;
  if (document.errors.some(({ code }) => code !== "DUPLICATE_KEY")) return { kind: "ok", document, raw: undefined };
  try {
    return { kind: "ok", document, raw: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
    return { kind: "fault", message: `Its anchors can't be followed: ${error.message}.`, offset: 0, hint: "Write out what was meant." };
  }
}

const tooDeep: ParsedText = { kind: "fault", message: "It is nested too deeply to be read.", offset: 0, hint: "" };

/** What can't become plain values: an alias within what it stands for, or of nothing; and a name that no object here can have. */
function unfitIn(document: Document): ParsedText | undefined {
  let found: ParsedText | undefined;
  const anchors = new Set<string>();
  visit(document, {
    Node(role, node, around) {
      if (isAlias(node)) {
        const { source } = node;
        const offset = node.range?.[0] ?? 0;
        if (around.some((outer) => isNode(outer) && "anchor" in outer && outer.anchor === source)) {
          const message = `*${source} stands within what it stands for, so there is no end to it.`;
          found = { kind: "fault", message, offset, hint: "Write out what was meant." };
        } else if (!anchors.has(source)) {
          found = { kind: "fault", message: `There is no &${source} before *${source}.`, offset, hint: "" };
        }
      } else if (isScalar(node) && node.value === "__proto__" && role === "key") {
        found = { kind: "fault", message: "__proto__ can't be a name.", offset: node.range?.[0] ?? 0, hint: "" };
      } else if ("anchor" in node && typeof node.anchor === "string") anchors.add(node.anchor);
      return found === undefined ? undefined : visit.BREAK;
    },
  });
  return found;
}

/** Where the parts of a YAML text stand. */
export function placesIn(text: string): Located<unknown>["at"] {
  const document = parsedAsWritten(text);
  return placesOf(text, (path) => rangeOf(document, path));
}

/** Quoted texts may go on anywhere in the next line. Every place is one in the text that was given. */
function parsedAsWritten(text: string): Document {
  // Files are bounded, and so is how often one is read again: what that takes is less than this.
  const { document, original } = parseYaml(text, options, new Budget({ steps: 50_000_000 }));
  if (original(Number.MAX_SAFE_INTEGER) === Number.MAX_SAFE_INTEGER) return document;
  for (const fault of [...document.errors, ...document.warnings]) fault.pos = [original(fault.pos[0]), original(fault.pos[1])];
  visit(document, {
    Node(_, { range }) {
      range?.splice(0, range.length, ...range.map(original));
    },
  });
  return document;
}

/** YAML 1.1 as PyYAML reads it, which knows neither `y` and `n` nor `1e3` and `08`: the first two are names, the others texts. */
const options = {
  version: "1.1",
  merge: true,
  prettyErrors: false,
  customTags: (tags: Tags) =>
    tags.map((tag) => {
      if (typeof tag !== "object" || !("test" in tag) || tag.test === undefined) return tag;
      if (tag.tag === "tag:yaml.org,2002:bool") return { ...tag, test: new RegExp(tag.test.source.replace(/[YN]\|[yn]\|/, "")) };
      if (tag.tag === "tag:yaml.org,2002:float" && tag.format === "EXP")
        return { ...tag, test: /^[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*[eE][-+][0-9]+$/ };
      if (tag.tag === "tag:yaml.org,2002:int" && tag.format === undefined) return { ...tag, test: /^[-+]?(?:0|[1-9][0-9_]*)$/ };
      return tag;
    }),
} as const;

/** A slip in a field's name should not hide what else is wrong: the rest is read as if the field were not there. */
function withoutUnknown(raw: object, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(raw);
  for (const issue of issues) {
    const parent = valueAt(copy, issue.path);
    if (issue.code !== "unrecognized_keys" || typeof parent !== "object" || parent === null) continue;
    for (const key of issue.keys) Reflect.deleteProperty(parent, key);
  }
  return copy;
}

interface Context {
  file: string;
  document: Document;
  text: string;
  at: Located<unknown>["at"];
  raw: unknown;
  schema: z.ZodType;
}

function problemsOf(context: Context, issue: z.core.$ZodIssue): PackProblem[] {
  const { file, document, text, at, raw } = context;
  const path = issue.path.filter((step) => typeof step !== "symbol");
  const where = path.length === 0 ? "" : ` in ${name(path)}`;
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(context.schema, path);
    return issue.keys.map((key) => {
      const range = keyRange(document, [...path, key]);
      const near = nearest(key, known);
      const hint = near === undefined ? (known.length === 0 ? "" : `Fields there are: ${known.join(", ")}.`) : `Did you mean ${near}?`;
      return { file, ...placesOf(text, () => range)([]), message: `There is no field ${key}${where}.`, hint };
    });
  }
  const found = valueAt(raw, path);
  if (issue.code === "invalid_key") {
    const why = issue.issues[0]?.message ?? "Another name is needed.";
    const range = keyRange(document, path);
    return [
      {
        file,
        ...placesOf(text, () => range)([]),
        message: `${shown(path.at(-1))} can't be a name${path.length > 1 ? ` in ${name(path.slice(0, -1))}` : ""}.`,
        hint: why,
      },
    ];
  }
  const hint = `Expected ${expectedOf(issue)}.`;
  if (found === undefined) return [{ file, ...at(path.slice(0, -1)), message: `${name(path)} is missing.`, hint }];
  const own = issue.code === "custom" || issue.code === "invalid_format";
  return [{ file, ...at(path), message: `${name(path)} is ${shown(found)}.`, hint: own ? issue.message : hint }];
}

function expectedOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return words[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value")
    return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_union")
    return [...new Set(issue.errors.flatMap((errors) => errors.slice(0, 1).map(expectedOf)))].join(", or ");
  if (issue.code === "too_big" && issue.origin === "number") return `${issue.maximum} or less`;
  if (issue.code !== "too_small") return issue.message;
  return issue.origin === "array"
    ? `at least ${issue.minimum}`
    : issue.origin === "string"
      ? "text that is not empty"
      : `${issue.minimum} or more`;
}

const words: Readonly<Record<string, string>> = {
  string: "text",
  record: "fields (name: value)",
  object: "fields (name: value)",
  array: "a list",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
};

function name(path: Path): string {
  return path.map(String).join(".");
}

/** A value as a complaint quotes it. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function knownKeys(schema: z.ZodType, path: Path): string[] {
  let here: unknown = schema;
  for (const step of path) {
    here = unwrap(here);
    const shape = shapeOf(here);
    here = shape ? shape[String(step)] : (valueAt(here, ["element"]) ?? valueAt(here, ["valueType"]));
    if (here === undefined) return [];
  }
  return Object.keys(shapeOf(unwrap(here)) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  const shape = valueAt(schema, ["shape"]);
  return isFields(shape) ? shape : undefined;
}

function unwrap(schema: unknown): unknown {
  let here = schema as { unwrap?: () => unknown; options?: unknown[] } | undefined;
  while (typeof here?.unwrap === "function" && shapeOf(here) === undefined && !("element" in here)) here = here.unwrap() as typeof here;
  return here?.options ? here.options.find((option) => shapeOf(option)) : here;
}

function nodeAt(document: Document, path: Path): Node | undefined {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? node : undefined;
}

function rangeOf(document: Document, path: Path): Range | undefined {
  const node = nodeAt(document, path);
  if (node === undefined || (path.length > 0 && isScalar(node) && node.range?.[0] === node.range?.[1])) return keyRange(document, path);
  return node.range ? [node.range[0], node.range[1]] : undefined;
}

/** The key itself, for complaints about the field and not about what it holds. */
function keyRange(document: Document, path: Path): Range | undefined {
  const parent = nodeAt(document, path.slice(0, -1));
  if (!isMap(parent)) return undefined;
  const wanted = path.at(-1);
  const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === wanted);
  const key: unknown = pair?.key;
  return isScalar(key) && key.range ? [key.range[0], key.range[1]] : undefined;
}

function writtenAt(document: Document, path: Path): string | undefined {
  const node = nodeAt(document, path);
  return isScalar(node) ? node.source : undefined;
}
