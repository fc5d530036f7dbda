import type { Budget } from "../budget.ts";
import { parseDocument, type Document, type DocumentOptions, type ParsedNode, type ParseOptions, type SchemaOptions } from "yaml";

export interface ParsedYaml {
  readonly document: Document.Parsed<ParsedNode>;
  /** Where a place of the document stands in the text that was given. */
  readonly original: (offset: number) => number;
}

/** Parses YAML whose quoted texts may go on anywhere in the next line, as PyYAML has it; the parser wants them further in than their key. Blanks at the
 *  beginning of such a line say nothing, so there are more of them for it. */
export function parseYaml(text: string, options: ParseOptions & DocumentOptions & SchemaOptions, budget: Budget): ParsedYaml {
  const added: { readonly at: number; readonly blanks: number }[] = [];
  const original = (offset: number) => added.reduce((sum, { at, blanks }) => sum - Math.min(blanks, Math.max(0, offset - at)), offset);
  let given = text;
  for (let parses = 1; ; parses++) {
    const document = parseDocument<ParsedNode>(given, options);
    const cut = document.errors.find(({ code, message }) => code === "MISSING_CHAR" && /^Missing closing ['"]quote/.test(message));
    const lines = cut === undefined ? [] : linesOfQuote(given, { from: cut.pos[0], quote: cut.message.includes('"') ? '"' : "'" });
    if (lines.length === 0 || parses > mostTexts) return { document, original };
    budget.spend(given.length);
    const blanks = 1 + Math.max(...Array.from(given.matchAll(/^ */gm), ([indent]) => indent.length));
    for (const [place, line] of lines.entries()) {
      const at = line + place * blanks;
      given = `${given.slice(0, at)}${" ".repeat(blanks)}${given.slice(at)}`;
      added.push({ at, blanks });
    }
  }
}

/** Every such text is a parse of its own. */
const mostTexts = 20;

/** Where the lines begin that a quoted text still goes through: none where it does not end, or where the document does. */
function linesOfQuote(text: string, { from, quote }: { readonly from: number; readonly quote: "'" | '"' }): readonly number[] {
  const end = quote === "'" ? /(?:[^']|'')*'(?!')/y : /(?:[^"\\]|\\[^])*"/y;
  end.lastIndex = from;
  const rest = end.exec(text)?.[0];
  if (rest === undefined || /\n(?:---|\.\.\.)(?=\s)/.test(rest)) return [];
  return Array.from(rest.matchAll(/\n/g), ({ index }) => from + index + 1);
}
