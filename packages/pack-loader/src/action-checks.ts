import type { ActionDefinition, Parameter } from "@bellhop/contracts";
import { kinds, readTemplate, schemaFault, shellFault } from "@bellhop/core";
import { didYouMean } from "./did-you-mean.ts";
import { complaint, spotProblem, templateProblem, type Located, type Path } from "./located.ts";
import type { Checked, PackProblem } from "./problem.ts";

/** Looks at what an action takes and gives: positions, what it says of its kind's own parameters, schemas, and templates in defaults. */
export function actionFaults(action: Located<ActionDefinition>): Checked {
  const problems: PackProblem[] = [];
  const warnings: PackProblem[] = [];
  const { kind, parameters, output } = action.definition;
  if (kind === "typescript") return { problems, warnings };
  const places = new Map<number, string>();
  for (const [name, parameter] of Object.entries(parameters)) {
    const at = (word: string): Path => ["parameters", name, word];
    const { position, type } = parameter;
    const other = position === undefined ? undefined : places.get(position);
    if (other !== undefined) {
      const message = `${name} and ${other} have the same position, ${position}.`;
      problems.push(complaint(action, at("position"), { message, hint: "Each argument has a place of its own." }));
    }
    if (position !== undefined) places.set(position, name);
    const ofKind = kinds[kind]?.[name]?.type;
    // That kind has more parameters of its own here than StackStorm's has.
    if (kind !== "announcement" && type !== undefined && ofKind !== undefined && !isWithin(type, ofKind)) {
      const message = `${name} is the kind's own parameter, of the type ${[ofKind].flat().join(" or ")}: it can't be ${[type].flat().join(" or ")}.`;
      problems.push(complaint(action, at("type"), { message, hint: "Leave its type out, or give the parameter another name." }));
    }
    const unread = Object.keys(parameter).every((word) => plainWords.has(word)) ? undefined : schemaFault(parameter);
    if (unread !== undefined) {
      const message = `What is said of ${name} can't be read, so any value is taken: ${unread}.`;
      warnings.push(complaint(action, ["parameters", name], { message }));
    }
    warnings.push(...defaultFaults(action, name, parameter));
  }
  const taken = [...places.keys()].toSorted((a, b) => a - b);
  const gap = taken.findIndex((place, index) => index > 0 && place !== (taken[index - 1] ?? 0) + 1);
  const [before, after] = [taken[gap - 1], taken[gap]];
  if (before !== undefined && after !== undefined) {
    const message = `There is no position between ${before} and ${after}, so nothing is left out there.`;
    const hint = "Arguments come one after another: an empty one has to be a parameter of its own.";
    warnings.push(complaint(action, ["parameters", places.get(after) ?? "", "position"], { message, hint }));
  }
  const unread = typeof output === "object" && output !== null ? schemaFault(output) : undefined;
  if (unread !== undefined) {
    warnings.push(complaint(action, ["output_schema"], { message: `The schema can't be read, so nothing is checked by it: ${unread}.` }));
  }
  return { problems, warnings };
}

/** Words that the loader has checked already: to compile what has no others would cost a large pack seconds. */
const plainWords = new Set(
  "type description required default secret immutable position enum minimum maximum minLength maxLength minItems maxItems".split(" "),
);

type Type = NonNullable<Parameter["type"]>;

/** A whole number is a number. */
function isWithin(type: Type, ofKind: Type): boolean {
  const allowed = [ofKind].flat();
  return [type].flat().every((one) => one === "null" || allowed.includes(one) || (one === "integer" && allowed.includes("number")));
}

function defaultFaults(action: Located<ActionDefinition>, name: string, { default: value }: Parameter): PackProblem[] {
  const { kind, ref, parameters } = action.definition;
  const known = new Set([...Object.keys(parameters), ...Object.keys(kinds[kind] ?? {}), "action_context"]);
  const shell = name === "cmd" && kind === "local-shell-cmd";
  return textsIn(value, ["parameters", name, "default"]).flatMap(({ path, text }) => {
    if (!/\{\{|\{%/.test(text)) return [];
    const read = readTemplate(text);
    if (read.kind === "fault") return [templateProblem(action, path, { ...read.fault, text })];
    const missing = read.reads
      .filter((one) => !known.has(String(one.path[0])))
      .map((one) => {
        const word = String(one.path[0]);
        const message = `${one.expression}: ${word} is no parameter of ${ref}.`;
        return spotProblem(action, path, { ...one, text, message, hint: notHere[word] ?? didYouMean(word, Object.keys(parameters)) });
      });
    const refused = shell ? shellFault(text) : undefined;
    if (refused === undefined) return missing;
    const hint = "Put it where a whole word of the command stands: it is quoted there.";
    return [
      ...missing,
      spotProblem(action, path, { ...refused, text, message: `${refused.expression} can't stand ${refused.where}.`, hint }),
    ];
  });
}

/** Names that StackStorm's templates of parameters see besides. */
const notHere: Readonly<Record<string, string>> = {
  st2kv: "There is no datastore here; whoever runs it has to give the value.",
  config_context: "The configuration is put together where the action runs: it reads it there.",
};

function textsIn(value: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]));
}
