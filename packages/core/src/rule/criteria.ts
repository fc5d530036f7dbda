import type { RuleDefinition } from "@bellhop/contracts";
import { DateTime, isObject, str, truth, typeName } from "@bellhop/expression";
import { compileKey, KeyFault } from "./key.ts";
import { operators, type Operator } from "./operators.ts";
import { isTemplate, renderPattern, type Render } from "./pattern.ts";

/** What happened, as criteria see it. */
export interface Happening {
  /** What the trigger said: `trigger` in keys and templates. */
  readonly payload: unknown;
  readonly now: DateTime;
  /** What else templates may name: `st2kv`, `config_context`. */
  readonly names?: Readonly<Record<string, unknown>>;
  /** The same, for the rule that asks. */
  readonly namesOf?: (rule: RuleDefinition) => Readonly<Record<string, unknown>>;
  readonly render: Render;
}

/** Why a criterion could not be checked. StackStorm counts that as "does not fit", and writes it down. */
export interface CriterionFailure {
  readonly key: string;
  /** Rendering the pattern, reading the key, naming the operator, or comparing. */
  readonly stage: "pattern" | "key" | "operator" | "comparison";
  /** As it is written. */
  readonly pattern: unknown;
  readonly message: string;
  readonly cause?: unknown;
}

/** What came of one criterion. */
export interface CriterionVerdict {
  readonly key: string;
  readonly operator: string;
  readonly found: unknown;
  readonly pattern: unknown;
  readonly fits: boolean;
  /** Its own failure and those of the criteria within it. */
  readonly failures: readonly CriterionFailure[];
  /** Of `any`, `all` and `not`: what came of those within. */
  readonly of?: readonly CriterionVerdict[];
}

export interface Criterion {
  readonly key: string;
  /** For the index: the value that has to stand at a plain key, when nothing else need be looked at. */
  readonly equality?: { readonly lookUp: (context: Readonly<Record<string, unknown>>) => unknown; readonly pattern: unknown };
  /** Whether checking it can end in a failure. */
  readonly safe: boolean;
  readonly check: (context: Readonly<Record<string, unknown>>, happening: Happening) => CriterionVerdict;
}

/** Criteria as a rule has them, by key. Nothing is refused: what can't be checked fails when it is. Beside StackStorm's keys there are `any` and `all`, which
 *  hold lists of criteria, and `not`, which holds criteria. */
export function compileCriteria(criteria: Readonly<Record<string, unknown>>): readonly Criterion[] {
  return Object.entries(criteria).map(([key, criterion]) => group(key, criterion) ?? single(key, criterion));
}

/** Whether all fit; stops at the first that doesn't, unless every verdict is wanted. */
export function checkCriteria(
  criteria: readonly Criterion[],
  { context, happening, all }: { context: Readonly<Record<string, unknown>>; happening: Happening; all: boolean },
): { fits: boolean; verdicts: readonly CriterionVerdict[] } {
  const verdicts: CriterionVerdict[] = [];
  let fits = true;
  for (const criterion of criteria) {
    const verdict = criterion.check(context, happening);
    verdicts.push(verdict);
    fits &&= verdict.fits;
    if (!fits && !all) break;
  }
  return { fits, verdicts };
}

function group(key: string, criterion: unknown): Criterion | undefined {
  if ((key === "any" || key === "all") && Array.isArray(criterion)) {
    const lists = criterion.map((one) => compileCriteria(isObject(one) ? one : {}));
    return grouped(key, lists, (fits) => (key === "any" ? fits.includes(true) : !fits.includes(false)));
  }
  if (key === "not" && isObject(criterion) && typeof criterion["type"] !== "string") {
    return grouped(key, [compileCriteria(criterion)], (fits) => fits[0] === false);
  }
  return undefined;
}

function grouped(key: string, lists: readonly (readonly Criterion[])[], fitting: (fits: readonly boolean[]) => boolean): Criterion {
  return {
    key,
    safe: lists.every((list) => list.every(({ safe }) => safe)),
    check: (context, happening) => {
      const checked = lists.map((list) => checkCriteria(list, { context, happening, all: true }));
      const of = checked.flatMap(({ verdicts }) => verdicts);
      const failures = of.flatMap((verdict) => verdict.failures);
      // What could not be checked is not turned into "fits" by a `not` around it.
      const fits = fitting(checked.map((one) => one.fits)) && !(key === "not" && failures.length > 0);
      return { key, operator: key, found: undefined, pattern: undefined, fits, failures, of };
    },
  };
}

function single(key: string, criterion: unknown): Criterion {
  if (!isObject(criterion) || criterion["type"] === undefined) {
    const verdict: CriterionVerdict = { key, operator: "", found: undefined, pattern: undefined, fits: false, failures: [] };
    return { key, safe: true, check: () => verdict };
  }
  const name = str(criterion["type"]);
  const pattern: unknown = criterion["pattern"] ?? null;
  const lookUp = keyOf(key);
  const operator = name === "search" ? undefined : operators.get(name.toLowerCase());
  const compare = name === "search" ? searching(pattern, criterion["condition"]) : comparing({ name, operator, pattern });
  const unread = { key, operator: name, found: undefined, pattern, fits: false };
  const check: Criterion["check"] = (context, happening) => {
    const failed = (stage: CriterionFailure["stage"], cause: unknown, seen: Partial<CriterionVerdict> = {}): CriterionVerdict => {
      const failure = { key, stage, pattern, message: cause instanceof Error ? cause.message : String(cause), cause };
      return { ...unread, ...seen, failures: [failure] };
    };
    let rendered: unknown = pattern;
    try {
      if (isTemplate(pattern)) rendered = renderPattern(pattern, { ...happening.names, ...context }, happening.render);
    } catch (error) {
      return failed("pattern", error);
    }
    let found: unknown;
    try {
      const first = lookUp(context);
      found = first === undefined ? null : first;
    } catch (error) {
      return failed("key", error, { pattern: rendered });
    }
    if (name.toLowerCase() !== "search" && operator === undefined) {
      return failed("operator", new Error(`Invalid operator: ${name.toLowerCase()}`), { found, pattern: rendered });
    }
    try {
      const { fits, failures } = compare({ found, pattern: rendered, happening });
      return { key, operator: name, found, pattern: rendered, fits, failures };
    } catch (error) {
      const within = error instanceof InnerFailure ? error.failures : [];
      const verdict = failed("comparison", error, { found, pattern: rendered });
      return { ...verdict, failures: [...within, ...verdict.failures] };
    }
  };
  const plain = isPlain(key) && !isTemplate(pattern);
  const safe =
    plain && (operator === operators.get("equals") || operator === operators.get("exists") || operator === operators.get("nexists"));
  const scalar = ["string", "number", "boolean", "bigint"].includes(typeof pattern);
  const indexed = safe && scalar && operator === operators.get("equals");
  return { key, safe, check, ...(indexed ? { equality: { lookUp: compileKey(key), pattern } } : {}) };
}

function isPlain(key: string): boolean {
  return /^trigger(?:\.[A-Za-z_@][\w@-]*)*(?:#.*)?$/s.test(key);
}

/** A key that can't be read is no fault of the rule's others: it fails when it is looked up. */
function keyOf(key: string): (context: Readonly<Record<string, unknown>>) => unknown {
  try {
    return compileKey(key);
  } catch (error) {
    if (!(error instanceof KeyFault)) throw error;
    return () => {
      throw error;
    };
  }
}

interface Compared {
  readonly fits: boolean;
  readonly failures: readonly CriterionFailure[];
}
type Compare = (about: { found: unknown; pattern: unknown; happening: Happening }) => Compared;

function comparing({ name, operator, pattern }: { name: string; operator: Operator | undefined; pattern: unknown }): Compare {
  if (operator === undefined) {
    return () => {
      // As there: the one operator whose name may not be written in capitals.
      throw new Error(`${name.toLowerCase()}() missing 2 required positional arguments: 'criteria_condition' and 'check_function'`);
    };
  }
  let prepared: ReturnType<Operator> | undefined;
  return ({ found, pattern: rendered, happening }) => {
    const test = isTemplate(pattern) ? operator(rendered) : (prepared ??= operator(pattern));
    return { fits: test(found, happening.now), failures: [] };
  };
}

/** A criterion within a search that ended the search. */
class InnerFailure extends Error {
  readonly failures: readonly CriterionFailure[];

  constructor(message: string, failures: readonly CriterionFailure[]) {
    super(message);
    this.failures = failures;
  }
}

/** Looks through the items of a list: whether `any` or `all` of them fit all criteria, or any of them (`any2any`, `all2any`). */
function searching(pattern: unknown, condition: unknown): Compare {
  const criteria = isObject(pattern) ? Object.entries(pattern).map(([key, criterion]) => single(key, criterion)) : undefined;
  const way = conditions[typeof condition === "string" ? condition : ""];
  return ({ found, pattern: rendered, happening }) => {
    if (way === undefined) {
      const allowed = "'any', 'all', 'any2any' and 'all2any' are allowed";
      throw new Error(`The '${str(condition)}' condition is not recognized for type search, ${allowed}`);
    }
    const failures: CriterionFailure[] = [];
    const fits = itemsOf(found).map((item) => {
      if (criteria === undefined) throw new Error(`'${typeName(rendered)}' object has no attribute 'items'`);
      return way.each(
        criteria.map((criterion) => {
          const verdict = criterion.check({ item }, happening);
          const [last] = verdict.failures.slice(-1);
          if (last?.stage === "operator") throw new InnerFailure(last.message, [...failures, ...verdict.failures.slice(0, -1)]);
          failures.push(...verdict.failures);
          return verdict.fits;
        }),
      );
    });
    return { fits: way.items(fits), failures };
  };
}

const some = (fits: readonly boolean[]) => fits.includes(true);
const every = (fits: readonly boolean[]) => !fits.includes(false);
const conditions: Readonly<Record<string, { items: (fits: readonly boolean[]) => boolean; each: (fits: readonly boolean[]) => boolean }>> =
  {
    any: { items: some, each: every },
    all: { items: every, each: every },
    any2any: { items: some, each: some },
    all2any: { items: every, each: some },
  };

/** A mapping is one item; a text is its characters. */
function itemsOf(found: unknown): readonly unknown[] {
  if (Array.isArray(found)) return found;
  if (isObject(found)) return [found];
  if (typeof found === "string") return Array.from(found);
  throw new Error(`'${typeName(found)}' object is not iterable`);
}

/** Whether there is anything to check criteria on. */
export function isEmpty(payload: unknown): boolean {
  return !truth(payload);
}
