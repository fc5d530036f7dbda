import { fieldsOf, isFields, type ActionDefinition, type RuleDefinition, type TriggerDefinition } from "@bellhop/contracts";
import { checkOf, compileKey, isTemplate, isTimer, operators, parametersOf, readSchedule } from "@bellhop/core";
import { didYouMean } from "./did-you-mean.ts";
import type { Located, Path } from "./located.ts";
import type { Checked, PackProblem } from "./problem.ts";

/** Those that there are without any pack. */
export const builtInTriggers: ReadonlySet<string> = new Set(
  (
    "core.st2.IntervalTimer core.st2.DateTimer core.st2.CronTimer core.st2.webhook core.st2.generic.actiontrigger core.st2.generic.notifytrigger " +
    "core.st2.generic.inquiry core.st2.action.file_written core.st2.sensor.process_spawn core.st2.sensor.process_exit " +
    "core.st2.key_value_pair.create core.st2.key_value_pair.update core.st2.key_value_pair.delete core.st2.key_value_pair.value_change"
  ).split(" "),
);

/** Looks at a pack's rules: an operator that nobody knows is a problem, as StackStorm has it; what loads there and can't work is a warning. */
export function checkRules(pack: {
  name: string;
  rules: readonly Located<RuleDefinition>[];
  triggers: readonly Located<TriggerDefinition>[];
  actions: readonly Located<ActionDefinition>[];
  actionNames: ReadonlySet<string>;
}): Checked {
  const problems: PackProblem[] = [];
  const warnings: PackProblem[] = [];
  const declared = new Set(pack.triggers.map(({ definition }) => definition.ref));
  const names = new Map<string, string>();
  for (const rule of pack.rules) {
    const { name, trigger, action, criteria } = rule.definition;
    const complain = (path: Path, message: string, hint: string): PackProblem => ({ file: rule.file, ...rule.at(path), message, hint });
    const before = names.get(name);
    if (before !== undefined)
      problems.push(complain(["name"], `The pack has a rule ${name} already, in ${before}.`, "Rename one of the two."));
    names.set(name, rule.file);
    if (isMissing(trigger.type, declared, pack.name)) {
      const known = trigger.type.startsWith("core.") ? builtInTriggers : declared;
      warnings.push(
        complain(["trigger", "type"], `There is no trigger ${trigger.type}, so the rule never fires.`, didYouMean(trigger.type, known)),
      );
    }
    if (action.ref.startsWith(`${pack.name}.`) && !pack.actionNames.has(action.ref.slice(pack.name.length + 1))) {
      const known = [...pack.actionNames].map((one) => `${pack.name}.${one}`);
      warnings.push(complain(["action", "ref"], `There is no action ${action.ref} in this pack.`, didYouMean(action.ref, known)));
    }
    const wrong = triggerFault(rule.definition, pack.triggers);
    if (wrong !== undefined) problems.push(complain(["trigger", "parameters", ...wrong.path], wrong.message, wrong.hint));
    const own = pack.actions.find(({ definition }) => definition.ref === action.ref)?.definition;
    const taken = own === undefined ? undefined : Object.keys(parametersOf(own));
    for (const given of taken === undefined ? [] : Object.keys(action.parameters).filter((one) => !taken.includes(one))) {
      warnings.push(
        complain(["action", "parameters", given], `${given} is no parameter of ${action.ref}.`, didYouMean(given, taken ?? [])),
      );
    }
    checkCriteria(criteria, { path: ["criteria"], complain, problems, warnings });
  }
  return { problems, warnings };
}

function isMissing(type: string, own: ReadonlySet<string>, pack: string): boolean {
  if (type.startsWith("core.st2.")) return !builtInTriggers.has(type);
  return type.startsWith(`${pack}.`) && !own.has(type);
}

/** What is asked of a trigger, and can't be. Of another pack's nothing is known. */
function triggerFault(
  { trigger: { type, parameters } }: RuleDefinition,
  triggers: readonly Located<TriggerDefinition>[],
): { path: Path; message: string; hint: string } | undefined {
  if (isTimer(type)) {
    const read = readSchedule(type, parameters);
    if (read.kind === "ok") return undefined;
    const { parameter, expected } = read;
    const found = parameters[parameter];
    const message = found === undefined ? `${type} needs ${parameter}.` : `${parameter} of ${type} can't be ${JSON.stringify(found)}.`;
    return { path: [parameter], message, hint: `Expected ${expected}.` };
  }
  if (type === "core.st2.webhook") {
    const { url } = parameters;
    if (typeof url === "string" && url !== "") return undefined;
    return { path: ["url"], message: "A webhook has a url.", hint: "Expected the end of its address, such as github/push." };
  }
  const schema = triggers.find(({ definition }) => definition.ref === type)?.definition.parameters;
  const violation = typeof schema === "object" && schema !== null ? checkOf(schema)(parameters) : undefined;
  if (violation === undefined) return undefined;
  const where = ["parameters", ...violation.path].join(".");
  return {
    path: violation.path,
    message: `${where} of ${type} can't be ${JSON.stringify(violation.found)}.`,
    hint: `Expected ${violation.expected}.`,
  };
}

interface Checking {
  readonly path: Path;
  readonly complain: (path: Path, message: string, hint: string) => PackProblem;
  readonly problems: PackProblem[];
  readonly warnings: PackProblem[];
}

function checkCriteria(criteria: Readonly<Record<string, unknown>>, about: Checking): void {
  for (const [key, criterion] of Object.entries(criteria)) {
    const path = [...about.path, key];
    if ((key === "any" || key === "all") && Array.isArray(criterion)) {
      criterion.forEach((one: unknown, index) => {
        if (isFields(one)) checkCriteria(one, { ...about, path: [...path, index] });
        else
          about.problems.push(about.complain([...path, index], `${key} holds criteria by key.`, "Write it as KEY: {type: …, pattern: …}."));
      });
    } else if (key === "not" && isFields(criterion) && typeof criterion["type"] !== "string") {
      checkCriteria(criterion, { ...about, path });
    } else checkCriterion({ key, criterion }, { ...about, path });
  }
}

function checkCriterion({ key, criterion }: { key: string; criterion: unknown }, { path, complain, problems, warnings }: Checking): void {
  const type = isFields(criterion) ? criterion["type"] : undefined;
  if (!isFields(criterion) || typeof type !== "string") {
    problems.push(complain(path, `The criterion ${key} says no type.`, "Write it as KEY: {type: equals, pattern: …}."));
    return;
  }
  const fault = faultOf(() => compileKey(key));
  if (fault !== undefined)
    warnings.push(complain(path, `The criterion never fits: ${fault}.`, "Keys are such as trigger.body.items[0]['x-y']."));
  const name = type.toLowerCase();
  const { pattern } = fieldsOf(criterion);
  if (name === "search") return checkSearch({ criterion, type }, { path, complain, problems, warnings });
  const operator = operators.get(name);
  if (operator === undefined) {
    problems.push(complain([...path, "type"], `There is no operator ${type}.`, didYouMean(name, [...operators.keys(), "search"])));
  } else if (pattern === undefined || pattern === null) {
    if (["exists", "nexists", "nequals", "neq"].includes(name)) return;
    warnings.push(
      complain(path, `The criterion ${key} has no pattern, so it never fits.`, "To ask whether there is a value: type: exists."),
    );
  } else if (!isTemplate(pattern)) {
    const wrong = faultOf(() => operator(pattern));
    if (wrong !== undefined) warnings.push(complain([...path, "pattern"], `The criterion never fits: ${wrong}.`, ""));
  }
}

function checkSearch({ criterion, type }: { criterion: Readonly<Record<string, unknown>>; type: string }, about: Checking): void {
  const { path, complain, problems, warnings } = about;
  const { condition, pattern } = criterion;
  if (type !== "search")
    warnings.push(complain([...path, "type"], `The criterion never fits: ${type} is only known as search.`, "Write it in small letters."));
  if (typeof condition !== "string" || !["any", "all", "any2any", "all2any"].includes(condition)) {
    warnings.push(complain([...path, "condition"], "The criterion never fits: condition is any, all, any2any or all2any.", ""));
  }
  if (isFields(pattern)) checkCriteria(pattern, { path: [...path, "pattern"], complain, problems, warnings });
  else
    warnings.push(
      complain([...path, "pattern"], "The criterion never fits: a search has criteria as its pattern.", "They begin with item: item.name."),
    );
}

function faultOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
