import { parseArgs } from "node:util";
import { Budget, limits } from "../budget.ts";
import { ExpressionError } from "../error.ts";
import { evaluate } from "../evaluate.ts";
import { validate } from "../inspect.ts";
import { jinjaReads, renderJinja, stackstormFilters } from "../jinja/index.ts";
import { readJson, writeJson } from "../json.ts";
import { Float } from "../number.ts";
import { typeName } from "../value/equal.ts";
import { DateTime, entriesOf, isMapping, isObject, isSequence, PythonSet, Shown, TimeDelta } from "../value/kinds.ts";
import { floatText, isoOf, str } from "../value/text.ts";

/** What the command may ask of the machine it runs on. */
export interface Machine {
  /** @throws where it can't be read */
  readonly file: (path: string) => string;
  /** Undefined where nothing is piped in. */
  readonly input: () => string | undefined;
  readonly now: () => number;
  readonly random: () => number;
}

/** Text for the two streams, and the exit code: 0 done, 1 the expression is wrong or went wrong, 2 it was not asked rightly. */
export interface Ended {
  readonly code: 0 | 1 | 2;
  readonly out: string;
  readonly error: string;
}

/** `expression yaql|jinja TEXT [DATA]`. */
export function run(args: readonly string[], machine: Machine): Ended {
  const given = read(args);
  if (typeof given === "string") return given === "" ? { code: 0, out: usage, error: "" } : refused(given);
  const asked = withText(given, machine);
  const data = typeof asked === "string" || asked.check ? {} : dataOf(asked.data, machine);
  if (typeof asked === "string") return refused(asked);
  if (typeof data === "string") return refused(data);
  try {
    if (asked.check) return checked(asked);
    const value = valueOf(asked, data, machine);
    return { code: 0, out: asked.json ? shown({ value, type: typeName(value) }) : said(value), error: "" };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return failed(error, asked.json);
  }
}

const usage = `expression yaql TEXT [DATA]     evaluates as a workflow does: <% ctx().name %>, or ctx().name alone
expression jinja TEXT [DATA]    renders as rules, parameters and aliases do: {{ name }}
expression workflow TEXT [DATA] either language as a workflow has it: {{ ctx().name }}

TEXT is the expression, or @FILE. DATA is a JSON file with a mapping of variables, or - for standard input; without it, what is piped in.

  --json     the value and its type as JSON; an error too
  --check    says what can't be read, and of jinja what it reads, without evaluating
  --lenient  jinja: what is not there is empty
  --steps N  the most steps it may take (${limits.steps})

Exits with 0, 1 where the expression is at fault, 2 where the command is.`;

interface Asked {
  readonly language: "yaql" | "jinja" | "workflow";
  readonly text: string;
  readonly data: string | undefined;
  readonly json: boolean;
  readonly check: boolean;
  readonly lenient: boolean;
  readonly steps: number | undefined;
}

/** What is asked for; a text says why it can't be, and an empty one that help is. */
function read(args: readonly string[]): Asked | string {
  const options = {
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    lenient: { type: "boolean", default: false },
    steps: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  const [language, text, data, ...more] = positionals;
  if (values.help || language === undefined) return "";
  if (language !== "yaql" && language !== "jinja" && language !== "workflow")
    return `There is no language ${language}: yaql, jinja or workflow.`;
  if (text === undefined) return `expression ${language} needs the text of an expression.`;
  if (more.length > 0) return `There is one text and one file of data; ${more.join(" ")} is too much. Quotes keep a text together.`;
  const steps = values.steps === undefined ? undefined : Number(values.steps);
  if (steps !== undefined && !(Number.isSafeInteger(steps) && steps > 0))
    return `--steps is ${values.steps ?? ""}; expected a number above 0.`;
  return { language, text, data, steps, json: values.json, check: values.check, lenient: values.lenient };
}

/** With the text of the file that `@FILE` names. */
function withText(asked: Asked, machine: Machine): Asked | string {
  if (!asked.text.startsWith("@")) return asked;
  try {
    return { ...asked, text: machine.file(asked.text.slice(1)) };
  } catch (error) {
    return `${asked.text.slice(1)} can't be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The variables, or why there are none to be had. */
function dataOf(path: string | undefined, machine: Machine): Readonly<Record<string, unknown>> | string {
  const name = path === undefined || path === "-" ? "standard input" : path;
  try {
    const text = path === undefined || path === "-" ? (machine.input() ?? "") : machine.file(path);
    if (text.trim() === "" && path !== undefined && path !== "-") return `${name} is empty; expected a JSON object.`;
    const value = text.trim() === "" ? {} : readJson(text);
    return isObject(value) ? value : `${name} has no JSON object; variables have names.`;
  } catch (error) {
    return `${name} can't be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function valueOf({ language, text, lenient, steps }: Asked, data: Readonly<Record<string, unknown>>, { now, random }: Machine): unknown {
  const own = steps === undefined ? {} : { steps };
  if (language === "jinja") {
    return renderJinja(text, { variables: data, filters: stackstormFilters, strict: !lenient, chained: lenient, budget: new Budget(own) });
  }
  return evaluate(language === "yaql" ? delimited(text) : text, { variables: data, now, random, limits: own });
}

function checked({ language, text, json }: Asked): Ended {
  if (language === "jinja") {
    const names = new Set(jinjaReads(text).map(({ path }) => path.map((step) => step ?? "*").join(".")));
    return { code: 0, out: json ? shown({ reads: [...names] }) : [...names].join("\n"), error: "" };
  }
  const flaws = validate(language === "yaql" ? delimited(text) : text);
  const words = json ? shown({ errors: flaws }) : flaws.map(({ expression, message }) => `${message}\n  ${expression}`).join("\n");
  return { code: flaws.length === 0 ? 0 : 1, out: json ? words : "", error: json ? "" : words };
}

function delimited(text: string): string {
  return text.includes("<%") ? text : `<% ${text} %>`;
}

function said(value: unknown): string {
  return typeof value === "string" ? value : shown(value);
}

function shown(value: unknown): string {
  return writeJson(plain(value));
}

/** What JSON has no word for, in the words it has: a date as text, a span as seconds, a set as a list. */
function plain(value: unknown): unknown {
  if (isSequence(value) || value instanceof PythonSet) return Array.from(value, plain);
  if (value instanceof DateTime) return isoOf(value);
  if (value instanceof TimeDelta) return Number(value.micros) / 1_000_000;
  if (value instanceof Shown) return value.text;
  if (value instanceof Float && !Number.isFinite(value.value)) return floatText(value.value);
  return isMapping(value) ? Object.fromEntries(Array.from(entriesOf(value), ([key, inner]) => [str(key), plain(inner)])) : value;
}

function failed(error: ExpressionError, json: boolean): Ended {
  const { type, message, expression, position, caret } = error;
  if (json)
    return { code: 1, out: shown({ error: { type, message, expression, ...(position === undefined ? {} : { position }) } }), error: "" };
  const lines = (caret ?? expression).split("\n").map((line) => `  ${line}`);
  return { code: 1, out: "", error: [`${type}: ${message}`, ...lines].join("\n") };
}

function refused(why: string): Ended {
  return { code: 2, out: "", error: `${why}\n\n${usage}` };
}
