import { parseTemplate, textOf, valueAt, type TemplatePath } from "../template.ts";
import { placesOf, type Place } from "./scan.ts";

export type ShellText = { kind: "ok"; text: string } | { kind: "refused"; offset: number; expression: string; where: string };

/** Renders a `cmd` template for `sh -c`: every value is quoted for the place where it stands, so that it arrives verbatim and is never code. */
export function renderShell(text: string, names: Readonly<Record<string, unknown>>): ShellText {
  const parsed = parseTemplate(text);
  if (parsed.kind === "fault") return { kind: "refused", ...parsed.fault, where: unknownExpression };
  const { parts } = parsed.template;
  const places = placesOf(parts).values();
  let command = "";
  for (const part of parts) {
    if (typeof part === "string") {
      command += part;
      continue;
    }
    const place = places.next().value ?? { kind: "refused", where: "here" };
    if (place.kind === "refused") return refusal(part, place.where);
    const value = textOf(valueAt(names, part.path));
    if (value.includes("\0")) return refusal(part, "in a command while it holds a NUL character");
    command += quoted(value, place);
  }
  return { kind: "ok", text: command };
}

/** The first place of a `cmd` template where no value can stand, whatever the value is: for `pack check`. */
export function shellFault(text: string): { offset: number; expression: string; where: string } | undefined {
  const parsed = parseTemplate(text);
  if (parsed.kind === "fault") return { ...parsed.fault, where: unknownExpression };
  const places = placesOf(parsed.template.parts);
  const expressions = parsed.template.parts.filter((part): part is TemplatePath => typeof part !== "string");
  for (const [index, place] of places.entries()) {
    const expression = expressions[index];
    if (place.kind === "refused" && expression) return { offset: expression.offset, expression: expression.expression, where: place.where };
  }
  return undefined;
}

const unknownExpression = "in a template, which knows dotted paths only";

function refusal(part: TemplatePath, where: string): ShellText {
  return { kind: "refused", offset: part.offset, expression: part.expression, where };
}

/** In double quotes the quotes are left for the value's sake: nothing before or after it can then join with it, as `$A` would. */
function quoted(value: string, place: Exclude<Place, { kind: "refused" }>): string {
  const inner = value.replaceAll("'", `'\\''`);
  switch (place.kind) {
    case "bare":
      return `'${inner}'`;
    case "single":
      return inner;
    case "double":
      return `"'${inner}'"`;
  }
}
