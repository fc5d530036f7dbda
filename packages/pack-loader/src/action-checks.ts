import type { ActionDefinition, PackVersion, Parameter } from "@bellhop/contracts";
import { kinds, readTemplate, schemaFault, shellDoubts, shellFault, type ShellDoubt } from "@bellhop/core";
import { didYouMean } from "./did-you-mean.ts";
import { complaint, spotProblem, templateProblem, type Located, type Path } from "./located.ts";
import type { Checked, PackProblem } from "./problem.ts";

/** Looks at what an action takes and gives: positions, what it says of its kind's own parameters, schemas, and templates in defaults.
 *  @param config what its pack can be configured with */
export function actionFaults(action: Located<ActionDefinition>, config: PackVersion["config"]): Checked {
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
    warnings.push(...defaultFaults(action, { name, parameter, config }));
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

function defaultFaults(
  action: Located<ActionDefinition>,
  at: { name: string; parameter: Parameter; config: PackVersion["config"] },
): PackProblem[] {
  const { kind, ref, parameters, pack } = action.definition;
  const {
    name,
    parameter: { default: value },
    config = {},
  } = at;
  const known = new Set([...Object.keys(parameters), ...Object.keys(kinds[kind] ?? {}), "action_context", "st2kv", "config_context"]);
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
        return spotProblem(action, path, { ...one, text, message, hint: didYouMean(word, Object.keys(parameters)) });
      });
    const unknown = read.reads.flatMap((one) => {
      const [root, word] = one.path;
      if (root !== "config_context" || typeof word !== "string" || Object.hasOwn(config, word)) return [];
      const message = `${one.expression}: the configuration of ${pack} has nothing called ${word}.`;
      return [spotProblem(action, path, { ...one, text, message, hint: didYouMean(word, Object.keys(config)) })];
    });
    missing.push(...unknown);
    const refused = shell ? shellFault(text) : undefined;
    if (refused === undefined) {
      const doubts = shell ? shellDoubts(text).filter(({ expression }) => !isPlain(parameters, expression)) : [];
      return [...missing, ...doubts.map((doubt) => spotProblem(action, path, { ...doubt, text, ...wordsOfDoubt(doubt) }))];
    }
    const hint = "Put it where a whole word of the command stands: it is quoted there.";
    return [
      ...missing,
      spotProblem(action, path, { ...refused, text, message: `${refused.expression} can't stand ${refused.where}.`, hint }),
    ];
  });
}

/** Whether a value can only be a number, a truth value, or one of what the author lists. */
function isPlain(parameters: ActionDefinition["parameters"], expression: string): boolean {
  const parameter = parameters[/^\{\{\s*(\w+)\s*\}\}$/.exec(expression)?.[1] ?? ""];
  if (parameter === undefined) return false;
  const types = [parameter.type ?? "string"].flat();
  return parameter.enum !== undefined || types.every((type) => /^(?:integer|number|boolean)$/.test(type));
}

function wordsOfDoubt({ expression, reader, as }: ShellDoubt): { message: string; hint: string } {
  const message = `${expression} is quoted here, but ${reader} reads it once more, as code.`;
  switch (as) {
    case "code":
      return { message, hint: `Give it as an argument of its own, which nobody reads again: sh -c 'echo "$1"' sh ${expression}.` };
    case "remote":
      return {
        message,
        hint: `The other machine's shell reads all words after the host. Send it as input: printf %s ${expression} | ssh HOST COMMAND.`,
      };
    case "number":
      return { message, hint: "Give the parameter the type integer: bash calculates here, and runs what stands in an index." };
  }
}

function textsIn(value: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]));
}
