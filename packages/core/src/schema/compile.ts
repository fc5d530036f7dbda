import { isFields, valueAt } from "@bellhop/contracts";
import { compileRegex, RegexBudgetError, type Regex } from "@bellhop/expression";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { isSchema, modernField } from "./draft.ts";

/** What is wrong with a value: `path` leads to the part of it that can't be, `expected` says what could. */
export interface Violation {
  readonly path: readonly (string | number)[];
  readonly found: unknown;
  readonly expected: string;
}

/** What a schema says of a value; undefined where it may be. */
export type Check = (value: unknown) => Violation | undefined;

/** The check that a schema of StackStorm's kind asks for. Compiled when it is first asked for, and kept as long as the schema is. A schema that can't be
 *  compiled checks nothing: {@link schemaFault} says why. */
export function checkOf(schema: object): Check {
  const { validate } = compiled(schema);
  if (validate === undefined) return () => undefined;
  return (value) => {
    try {
      if (validate(value)) return undefined;
    } catch (error) {
      if (!(error instanceof RegexBudgetError)) throw error;
      return { path: [], found: value, expected: "text that its pattern can be held against in time" };
    }
    return violationOf(validate.errors ?? [], value);
  };
}

/** Why a schema can't be compiled, and so says nothing. */
export function schemaFault(schema: object): string | undefined {
  return compiled(schema).fault;
}

interface Compiled {
  readonly validate?: ValidateFunction;
  readonly fault?: string;
}

const known = new WeakMap<object, Compiled>();

function compiled(schema: object): Compiled {
  let found = known.get(schema);
  if (found === undefined) known.set(schema, (found = compile(schema)));
  return found;
}

function compile(schema: object): Compiled {
  const made = modernField(schema);
  if (!isSchema(made)) return {};
  try {
    const validate = ajv.compile(made);
    // It would keep every version of every pack.
    ajv.removeSchema(made);
    return { validate };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Python's expressions, in linear time. One that nothing can read says nothing. */
function pattern(source: string): { test(text: string): boolean; toString(): string } {
  let regex: Regex | undefined;
  return { test: (text) => (regex ??= compileRegex(source)).test(text), toString: () => source };
}

const ajv = new Ajv({
  strict: false,
  validateSchema: false,
  validateFormats: false,
  addUsedSchema: false,
  messages: false,
  logger: false,
  ownProperties: true,
  code: { regExp: Object.assign(checkedPattern, { code: "pattern" }) },
});

/** Ajv holds each item of a list against each other: a megabyte of them takes minutes, in which nothing else is done. */
ajv.removeKeyword("uniqueItems");
ajv.addKeyword({
  keyword: "uniqueItems",
  type: "array",
  schemaType: "boolean",
  compile: (isAsked) => (items: readonly unknown[]) => !isAsked || new Set(items.map(keyOf)).size === items.length,
});

/** The same for equal values: the order of fields says nothing. */
function keyOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(keyOf).join()}]`;
  if (!isFields(value)) return JSON.stringify(value) ?? "";
  const fields = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${keyOf(inner)}`);
  return `{${fields.toSorted().join()}}`;
}

function checkedPattern(source: string): { test(text: string): boolean } {
  compileRegex(source);
  return pattern(source);
}

/** The last error is what the others, if any, come to: what each form of several would have asked for. */
function violationOf(errors: readonly ErrorObject[], value: unknown): Violation {
  const error = errors.at(-1);
  if (error === undefined) throw new Error("a value is refused without a reason");
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const [at, steps] = follow(value, path);
  const forms = errors.filter(({ keyword, instancePath }) => keyword === "type" && instancePath === error.instancePath);
  const several = (error.keyword === "anyOf" || error.keyword === "oneOf") && forms.length === errors.length - 1;
  const expected = several ? [...new Set(forms.map(expectedOf))].join(" or ") : expectedOf(error);
  return { path: steps, found: at, expected };
}

function follow(value: unknown, path: readonly string[]): [unknown, (string | number)[]] {
  let at = value;
  const steps = path.map((step) => {
    const key = Array.isArray(at) ? Number(step) : step;
    at = valueAt(at, [key]);
    return key;
  });
  return [at, steps];
}

function expectedOf({ keyword, params }: ErrorObject): string {
  const words = expectations[keyword];
  return words === undefined ? "something else" : words(params);
}

/** One of these, in words. */
export function typeWords(types: unknown): string {
  return [types]
    .flat()
    .filter((type, _, all) => type !== "null" || all.length === 1)
    .map((type) => typeNames[String(type)] ?? String(type))
    .join(" or ");
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: 'an object as JSON, such as {"a": 1}',
  array: "a list such as a,b,c",
  null: "nothing",
};

const expectations: Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => string>> = {
  type: ({ type }) => typeWords(type),
  enum: ({ allowedValues }) =>
    `one of ${[allowedValues]
      .flat()
      .filter((one) => one !== null)
      .map(shown)
      .join(", ")}`,
  const: ({ allowedValue }) => shown(allowedValue),
  minimum: ({ limit }) => `${String(limit)} or more`,
  maximum: ({ limit }) => `${String(limit)} or less`,
  exclusiveMinimum: ({ limit }) => `more than ${String(limit)}`,
  exclusiveMaximum: ({ limit }) => `less than ${String(limit)}`,
  multipleOf: ({ multipleOf }) => `a multiple of ${String(multipleOf)}`,
  minLength: ({ limit }) => `text of ${String(limit)} characters or more`,
  maxLength: ({ limit }) => `text of ${String(limit)} characters or fewer`,
  pattern: ({ pattern: source }) => `text that fits ${String(source)}`,
  minItems: ({ limit }) => `a list of ${String(limit)} or more`,
  maxItems: ({ limit }) => `a list of ${String(limit)} or fewer`,
  uniqueItems: () => "a list without repetitions",
  contains: () => "a list with something else in it as well",
  additionalItems: ({ limit }) => `a list of ${String(limit)} or fewer`,
  minProperties: ({ limit }) => `${String(limit)} fields or more`,
  maxProperties: ({ limit }) => `${String(limit)} fields or fewer`,
  required: ({ missingProperty }) => `something with the field ${String(missingProperty)}`,
  dependencies: ({ missingProperty }) => `something with the field ${String(missingProperty)}`,
  additionalProperties: ({ additionalProperty }) => `something without the field ${String(additionalProperty)}`,
  propertyNames: ({ propertyName }) => `something without the field ${String(propertyName)}`,
  "false schema": () => "nothing",
  anyOf: () => "one of the forms that it may have",
  oneOf: () => "exactly one of the forms that it may have",
  not: () => "something else",
};

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
