import { jinjaOutline, renderJinjaPieces, type JinjaOutline } from "@bellhop/expression";
import { attempt, surroundings, tagAt, templateFault } from "../template.ts";
import { Scanner, type Place } from "./scan.ts";

type ShellText = { kind: "ok"; text: string } | ({ kind: "refused" } & ShellFault);

/** A place of a command template where a value can't stand, or something that is wrong with the template. */
export interface ShellFault {
  /** From 0. */
  readonly offset: number;
  readonly expression: string;
  /** Where it can't stand. */
  readonly where: string;
  /** What Jinja says of it; undefined where it is a matter of the shell. */
  readonly message?: string;
}

/** Renders a `cmd` template for `sh -c`: every value is quoted for the place where it stands, so that it arrives verbatim and is never code. What stands in the
 *  template is its author's, wherever blocks lead; all that an expression, a macro or a filter makes is a value. */
export function renderShell(text: string, names: Readonly<Record<string, unknown>>): ShellText {
  const rendered = attempt(text, () => ({ kind: "ok" as const, pieces: renderJinjaPieces(text, surroundings(names, "refused")) }));
  if (rendered.kind === "fault") return { kind: "refused", where: "in a command", ...rendered.fault };
  const scanner = new Scanner();
  let command = "";
  for (const piece of rendered.pieces) {
    if (piece.kind === "text") {
      scanner.text(piece.text);
      command += piece.text;
      continue;
    }
    const place = scanner.value();
    if (place.kind === "refused") return { kind: "refused", ...tagAt(text, piece.at), where: place.where };
    if (piece.text.includes("\0"))
      return { kind: "refused", ...tagAt(text, piece.at), where: "in a command while it holds a NUL character" };
    command += quoted(piece.text, place);
  }
  return { kind: "ok", text: command };
}

/** The first place of a `cmd` template where no value can stand, whatever the values are: for `pack check`. */
export function shellFault(text: string): ShellFault | undefined {
  const fault = templateFault(text);
  if (fault !== undefined) return { where: "in a command", ...fault };
  const found: ShellFault[] = [];
  walk(jinjaOutline(text), [new Scanner()], found);
  return found[0];
}

/** Follows every way through a template, as far as there are few enough, and tells of values that can stand in none of them. Gives what may be open in the end. */
function walk(outline: readonly JinjaOutline[], begun: readonly Scanner[], found: ShellFault[]): readonly Scanner[] {
  let open = begun;
  for (const part of outline) {
    switch (part.kind) {
      case "text":
        for (const scanner of open) scanner.text(part.text);
        break;
      case "value": {
        const [first, ...others] = open.map((scanner) => scanner.value());
        if (first?.kind === "refused" && others.every((place) => place.kind === "refused")) found.push({ ...part, where: first.where });
        break;
      }
      case "either":
        open = part.ways.flatMap((way) =>
          walk(
            way,
            open.map((scanner) => scanner.copy()),
            found,
          ),
        );
        open = open.slice(0, mostWays);
    }
  }
  return open;
}

const mostWays = 16;

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
