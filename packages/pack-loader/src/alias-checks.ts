import type { ActionDefinition, AliasDefinition } from "@bellhop/contracts";
import { kinds, nearest, templateFault } from "@bellhop/core";
import { didYouMean } from "./did-you-mean.ts";
import { complaint, spotProblem, templateProblem, type Located, type Path } from "./located.ts";
import type { PackProblem } from "./problem.ts";
import { fieldFaults, seenByAlias } from "./reply-fields.ts";

/** What an alias asks for that can't be had: parameters that its action does not take, templates that can't be read, fields that are not there.
 *  @param action undefined where it is another pack's
 *  @param configurable the pack can be configured, so its commands take `config=INSTANCE` */
export function aliasFaults(alias: Located<AliasDefinition>, action: ActionDefinition | undefined, configurable: boolean): PackProblem[] {
  const parameters = action === undefined ? [] : parameterFaults(alias, action, configurable);
  return [...parameters, ...templateFaults(alias), ...unseenFields(alias, action)];
}

/** Parameters that StackStorm's runners add, for kinds that are not known closely. */
const commonParameters =
  "timeout env cwd sudo sudo_password kwarg_op debug content_version log_level hosts username password private_key dir port".split(" ");

function parameterFaults(alias: Located<AliasDefinition>, action: ActionDefinition, configurable: boolean): PackProblem[] {
  const ofKind = kinds[action.kind];
  const own = Object.keys(action.parameters);
  const known = new Set([...own, ...(configurable ? ["config"] : []), ...(ofKind ? Object.keys(ofKind) : commonParameters)]);
  const fault = (path: Path, parameter: string, needle: string) =>
    complaint(alias, path, {
      message: `${parameter} is no parameter of ${action.ref}.`,
      hint: didYouMean(parameter, nearest(parameter, known) ? known : own),
      needle,
    });
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

/** Words that can't be filled leave the plain ones, so the alias works all the same. */
function templateFaults(alias: Located<AliasDefinition>): PackProblem[] {
  const { ack, result, immutableParameters } = alias.definition;
  const texts: [Path, unknown][] = [
    [["reply"], result.format],
    [["ack", "format"], ack?.format],
    ...Object.entries(immutableParameters).map(([name, value]): [Path, unknown] => [["immutable", name], value]),
  ];
  return texts.flatMap(([path, text]) => {
    if (typeof text !== "string") return [];
    const fault = templateFault(text);
    return fault === undefined ? [] : [templateProblem(alias, path, { ...fault, text })];
  });
}

/** What asks for a field that is not there shows nothing; all else does. */
function unseenFields(alias: Located<AliasDefinition>, action: ActionDefinition | undefined): PackProblem[] {
  const { ack, result } = alias.definition;
  const texts: [Path, string | undefined, "ack" | "reply"][] = [
    [["ack", "format"], ack?.format, "ack"],
    [["reply"], result.format, "reply"],
  ];
  return texts.flatMap(([path, text, when]) =>
    fieldFaults(text ?? "", seenByAlias(action, when)).map((fault) =>
      spotProblem(alias, path, { ...fault, message: `${fault.expression} shows nothing: ${fault.message}` }),
    ),
  );
}
