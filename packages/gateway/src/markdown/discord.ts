import { writeLines, type Dialect } from "./lines.ts";
import { spelled } from "./words.ts";
import { apart, type Write, type Written } from "./written.ts";

/** Discord's Markdown. Send it with `allowed_mentions: { parse: [], users: mentions }`: code stands as it is, and only that keeps a name in it from
 *  being one. Mention ids are snowflakes of users, `&` + snowflake for roles. */
export const writeDiscord: Write<Written> = (blocks, mentions) => writeLines(blocks, mentions, discord);

const discord: Dialect = {
  text: escaped,
  mark: (kind, inner) => (kind === "strong" ? `**${inner}**` : kind === "delete" ? `~~${inner}~~` : `_${inner}_`),
  code: (value) => {
    const ticks = "`".repeat(longestRun(value) === 1 ? 2 : 1);
    // Two backticks are the most that Discord pairs.
    if (longestRun(value) > 1) return discord.code(value.replace(/`(?=`)/g, `\`${apart}`));
    return ticks.length === 1 ? `\`${value}\`` : `${ticks} ${value} ${ticks}`;
  },
  fence: (value, language = "") => `\`\`\`${language}\n${value.trim() === "" ? `${apart}${value}` : fenceable(value)}\n\`\`\``,
  // In angle brackets nothing is unfurled.
  link: (url) => (url.toLowerCase().startsWith("mailto:") ? escaped(spelled(url)) : `<${url}>`),
  mention: (id) => (/^&?\d{15,22}$/.test(id) ? `<@${id}>` : undefined),
  heading: (depth, inner) => (depth <= 3 ? `${"#".repeat(depth)} ${inner}` : `**${inner}**`),
  bullet: "- ",
  lineStart: (line) => line.replace(/^(\s*)(#{1,3}|-#|[-+]|>{1,3})(?=\s|$)/, "$1\\$2").replace(/^(\s*\d+)([.)])(?=\s|$)/, "$1\\$2"),
  quotesCode: true,
  marksAtEdges: true,
};

/** A backslash before whatever Discord reads; its servers look for names without minding backslashes. */
function escaped(text: string): string {
  return text
    .replace(/[\\*_~`|[\]<>]/g, "\\$&")
    .replace(/@(?=everyone|here)/gi, `@${apart}`)
    .replace(/\\<(?=[@#:/]|(?:a|t|id):)/gi, `\\<${apart}`);
}

function fenceable(code: string): string {
  return code.replace(/``(?=`)/g, `\`${apart}\`${apart}`);
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}
