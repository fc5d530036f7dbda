import { coloursOf } from "./colours.ts";
import type { Box, Drawing } from "./drawing.ts";

/** A flowchart as Mermaid has it, which GitHub, GitLab and most wikis draw. */
export function mermaid({ boxes, ways }: Drawing): string {
  const ids = new Map(boxes.map(({ id }, place) => [id, `t${place}`]));
  const states = Array.from(new Set(boxes.flatMap(({ state }) => state ?? [])));
  const styles = new Map(states.map((state, place) => [state, `s${place}`]));
  const lines = [
    "flowchart TD",
    ...boxes.map((box) => `  ${ids.get(box.id)}${shaped(box)}${box.state === undefined ? "" : `:::${styles.get(box.state)}`}`),
    ...ways.map(({ from, to, label }) => `  ${ids.get(from)} -->${label === "" ? "" : `|"${escaped(label)}"|`} ${ids.get(to)}`),
    ...Array.from(styles, ([state, style]) => {
      const { fill, stroke } = coloursOf(state);
      return `  classDef ${style} fill:${fill},stroke:${stroke},color:#1b1f24`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

function shaped({ kind, title, lines, state }: Box): string {
  const text = [`<b>${escaped(title)}</b>`, ...lines.map(escaped), ...(state === undefined ? [] : [`<i>${escaped(state)}</i>`])];
  return kind === "end" ? `(["${escaped(title)}"])` : `["${text.join("<br>")}"]`;
}

/** Mermaid reads `#…;` as a character, and HTML besides. */
function escaped(text: string): string {
  return text.replaceAll(/[#"<>&;`\\]/g, (char) => `#${char.codePointAt(0)};`);
}
