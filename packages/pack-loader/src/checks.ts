import type { ActionDefinition, AliasDefinition, PackVersion } from "@bellhop/contracts";
import { emptyCatalog, kinds as kindParameters, nearest, parseTemplate, shellFault, templateFault, withPack } from "@bellhop/core";
import type { Located, Path, Place } from "./located.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { PackProblem } from "./problem.ts";
import { fieldFaults, seenByAlias } from "./reply-fields.ts";

export interface Checked {
  readonly problems: PackProblem[];
  readonly warnings: PackProblem[];
}

/** StackStorm's kinds that no runner here carries out yet, older names included. */
const elsewhere = new Set(
  (
    "python-script run-python http-request http-runner orquesta action-chain mistral-v1 mistral-v2 inquirer noop remote-shell-cmd " +
    "remote-shell-script run-remote run-remote-script run-local run-local-script winrm-cmd winrm-ps-cmd winrm-ps-script cloudslang"
  ).split(" "),
);

/** Parameters that StackStorm's runners add, for kinds that are not known closely. */
const commonParameters =
  "timeout env cwd sudo sudo_password kwarg_op debug content_version log_level hosts username password private_key dir port".split(" ");

/** Looks across a pack's definitions: names, kinds, and what refers to what. The same for both spellings. A problem is what StackStorm would not take; what it takes
 *  and what can't work is a warning. */
export function checkDefinitions(pack: {
  name: string;
  actions: readonly Located<ActionDefinition>[];
  aliases: readonly Located<AliasDefinition>[];
  kinds: readonly string[];
  /** Every action there is a file for, also where the file is too faulty to give a definition. */
  actionNames: ReadonlySet<string>;
  version: PackVersion;
}): Checked {
  const { name, actions, aliases, kinds, version } = pack;
  const problems: PackProblem[] = [...twice(actions, "action"), ...twice(aliases, "alias")];
  const warnings: PackProblem[] = [];
  for (const action of actions) {
    const { kind } = action.definition;
    if (kinds.includes(kind)) warnings.push(...actionFaults(action));
    else if (elsewhere.has(kind)) {
      warnings.push(
        complaint(
          action,
          ["runner_type"],
          `No runner here can carry out an action of the kind ${kind}.`,
          `Kinds there are: ${kinds.join(", ")}.`,
        ),
      );
    } else {
      const near = nearest(
        kind,
        kinds.filter((one) => one !== "typescript"),
      );
      const hint =
        near === undefined ? `Kinds there are: ${kinds.join(", ")}.` : `Did you mean ${near}? Kinds there are: ${kinds.join(", ")}.`;
      problems.push(complaint(action, ["runner_type"], `There is no kind of action ${kind}.`, hint));
    }
  }
  const byRef = new Map(actions.map((action) => [action.definition.ref, action.definition]));
  for (const alias of aliases) {
    const { action: ref } = alias.definition;
    const action = byRef.get(ref);
    if (action !== undefined) warnings.push(...parameterFaults(alias, action, version.config !== undefined));
    else if (ref.startsWith(`${name}.`) && ref !== `${name}.` && !pack.actionNames.has(ref.slice(name.length + 1))) {
      // Those as well that have faults of their own.
      const known = [...byRef.keys(), ...[...pack.actionNames].map((one) => `${name}.${one}`)];
      warnings.push(complaint(alias, ["action"], `There is no action ${ref} in this pack.`, didYouMean(ref, known), ref));
    }
    warnings.push(...aliasTemplateFaults(alias), ...acknowledgementFaults(alias), ...unseenFields(alias, action));
  }
  warnings.push(...formatFaults(aliases, version));
  return { problems, warnings };
}

function twice(definitions: readonly Located<{ name: string }>[], what: string): PackProblem[] {
  const first = new Map<string, string>();
  return definitions.flatMap((one) => {
    const before = first.get(one.definition.name);
    if (before === undefined) first.set(one.definition.name, one.file);
    return before === undefined
      ? []
      : [
          complaint(
            one,
            ["name"],
            `There is already an ${what} ${one.definition.name}, in ${before}.`,
            "Give one of the two another name.",
          ),
        ];
  });
}

function actionFaults(action: Located<ActionDefinition>): PackProblem[] {
  if (action.definition.kind === "typescript") return [];
  return Object.entries(action.definition.parameters).flatMap(([name, { default: value }]) => {
    if (typeof value !== "string") return [];
    const path = ["parameters", name, "default"];
    const fault = templateFault(value);
    if (fault) return [templateProblem(action, path, { ...fault, text: value })];
    const missing = unknownNames(action.definition, value).map((spot) => missingParameter(action, path, { ...spot, text: value }));
    const refused = name === "cmd" && action.definition.kind === "local-shell-cmd" ? shellFault(value) : undefined;
    if (refused === undefined) return missing;
    const hint = "Put it where a whole word of the command stands: it is quoted there.";
    const message = `${refused.expression} can't stand ${refused.where}.`;
    return [...missing, { file: action.file, ...placeOf(action, path, { ...refused, text: value }), message, hint }];
  });
}

/** What a template asks for that is no parameter beside it. */
function unknownNames({ kind, parameters }: ActionDefinition, text: string): { missing: string; expression: string; offset: number }[] {
  const parsed = parseTemplate(text);
  if (parsed.kind === "fault") return [];
  const known = new Set([...Object.keys(parameters), ...Object.keys(kindParameters[kind] ?? {})]);
  return parsed.template.parts.flatMap((part) => {
    if (typeof part === "string" || known.has(String(part.path[0]))) return [];
    return [{ missing: String(part.path[0]), expression: part.expression, offset: part.offset }];
  });
}

function missingParameter(action: Located<ActionDefinition>, path: Path, spot: Spot & { missing: string }): PackProblem {
  const { missing, expression } = spot;
  const { ref, parameters } = action.definition;
  const message = `${expression}: ${missing} is no parameter of ${ref}.`;
  const hint = elsewhereNames.has(missing)
    ? "Templates here see the other parameters of the action; the datastore and contexts come in a later release."
    : didYouMean(missing, Object.keys(parameters));
  return { file: action.file, ...placeOf(action, path, spot), message, hint };
}

/** Names that StackStorm's parameter templates see besides parameters. */
const elsewhereNames = new Set(["st2kv", "action_context", "config_context"]);

function parameterFaults(alias: Located<AliasDefinition>, action: ActionDefinition, configurable: boolean): PackProblem[] {
  const ofKind = kindParameters[action.kind];
  const own = Object.keys(action.parameters);
  const known = new Set([...own, ...(configurable ? ["config"] : []), ...(ofKind ? Object.keys(ofKind) : commonParameters)]);
  const fault = (path: Path, parameter: string, needle: string) =>
    complaint(
      alias,
      path,
      `${parameter} is no parameter of ${action.ref}.`,
      didYouMean(parameter, nearest(parameter, known) ? known : own),
      needle,
    );
  const inFormats = alias.definition.formats.flatMap((format, index) =>
    format.representation.flatMap((text) =>
      placeholders(text)
        .filter(({ parameter }) => !known.has(parameter))
        .map(({ parameter, expression }) => fault(["formats", index], parameter, expression)),
    ),
  );
  const fixed = Object.keys(alias.definition.immutableParameters).filter((parameter) => !known.has(parameter));
  return [...inFormats, ...fixed.map((parameter) => fault(["immutable", parameter], parameter, parameter))];
}

/** The parameters that a format names, `{{ x }}`, `{{ x = default }}` or as a group of its own. Odd names are the compiler's to refuse. */
function placeholders(text: string): { parameter: string; expression: string }[] {
  return [...text.matchAll(/\{\{\s*(\w+)\s*(?:=.*?)?\}\}|\(\?P<(\w+)>/gs)].map((found) => ({
    parameter: found[1] ?? found[2] ?? "",
    expression: found[0],
  }));
}

function aliasTemplateFaults(alias: Located<AliasDefinition>): PackProblem[] {
  const { result, immutableParameters } = alias.definition;
  const texts: [Path, unknown][] = [
    [["reply"], result.format],
    ...Object.entries(immutableParameters).map(([name, value]) => [["immutable", name], value] as [Path, unknown]),
  ];
  return texts.flatMap(([path, text]) => {
    const fault = typeof text === "string" ? templateFault(text) : undefined;
    return fault === undefined ? [] : [templateProblem(alias, path, { ...fault, text: String(text) })];
  });
}

/** Words that can't be filled leave a plain acknowledgement, so the pack works all the same. */
function acknowledgementFaults(alias: Located<AliasDefinition>): PackProblem[] {
  const text = alias.definition.ack?.format;
  const fault = text === undefined ? undefined : templateFault(text);
  return text === undefined || fault === undefined ? [] : [templateProblem(alias, ["ack", "format"], { ...fault, text })];
}

/** What asks for a field that is not there shows nothing; all else does. */
function unseenFields(alias: Located<AliasDefinition>, action: ActionDefinition | undefined): PackProblem[] {
  const { ack, result } = alias.definition;
  const texts: [Path, string | undefined, "ack" | "reply"][] = [
    [["ack", "format"], ack?.format, "ack"],
    [["reply"], result.format, "reply"],
  ];
  return texts.flatMap(([path, text, when]) =>
    fieldFaults(text ?? "", seenByAlias(action, when)).map(({ message, hint, ...spot }) => ({
      file: alias.file,
      ...placeOf(alias, path, spot),
      message: `${spot.expression} shows nothing: ${message}`,
      hint,
    })),
  );
}

/** Formats go through the very compiler that the engine uses. */
function formatFaults(aliases: readonly Located<AliasDefinition>[], version: PackVersion): PackProblem[] {
  return withPack(emptyCatalog, version).faults.map((fault) => {
    const alias = aliases.find((one) => one.definition.ref === fault.alias && one.file === fault.source.file);
    const index = alias?.definition.formats.findIndex((format) => format.representation.includes(fault.format)) ?? -1;
    const message = `The format ${JSON.stringify(fault.format)} can't be used: ${fault.why}.`;
    if (alias === undefined) return { ...fault.source, message, hint: "" };
    return complaint(alias, ["formats", Math.max(0, index)], message, "", fault.format);
  });
}

/** An expression within a text of the definition, as core points to it. */
interface Spot {
  readonly text: string;
  readonly expression: string;
  readonly offset: number;
}

function templateProblem(definition: Located<unknown>, path: Path, spot: Spot): PackProblem {
  const { expression } = spot;
  const message = `${expression.length > 60 ? `${expression.slice(0, 59)}…` : expression} is more than a template here can do.`;
  const hint = "Templates know dotted paths only, e.g. {{ result.url }}; conditions, loops and filters come in a later release.";
  return { file: definition.file, ...placeOf(definition, path, spot), message, hint };
}

/** Offsets within a value are not those of the source, which may be quoted or folded; the count of what looks the same is. */
function placeOf(definition: Located<unknown>, path: Path, { text, expression, offset }: Spot): Place {
  return definition.at(path, expression, text.slice(0, offset).split(expression).length - 1);
}

function complaint(definition: Located<unknown>, path: Path, message: string, hint: string, needle?: string): PackProblem {
  return { file: definition.file, ...definition.at(path, needle), message, hint };
}
