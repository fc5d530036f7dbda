import type { Dialect, Mark } from "./lines.ts";
import { writeLines } from "./lines.ts";
import { slackBlocks, type SlackBlock } from "./slack-blocks.ts";
import { spelled } from "./words.ts";
import { apart, type Write, type Written } from "./written.ts";

/** Slack's mrkdwn, for a message's `text`, and its blocks where a table makes them worth it. `&`, `<` and `>` are always escaped: only links and the given mentions make brackets. Send it with
 *  `link_names: false`. Mention ids are of users (U…, W…), channels (C…) and user groups (S…). */
export const writeSlack: Write<SlackWritten> = (nodes, mentions) => {
  const written = writeLines(nodes, mentions, mrkdwn);
  const blocks = slackBlocks(nodes, (some) => writeLines(some, mentions, mrkdwn).text);
  return blocks === undefined ? written : { ...written, blocks };
};

interface SlackWritten extends Written {
  /** What to show in place of the text, which is then read by notifications alone. An edit that has none must say so (`blocks: []`). */
  readonly blocks?: SlackBlock[];
}

const mrkdwn: Dialect = {
  text: (value, paired) => escaped(unpaired(value, paired)),
  mark: (kind, inner) => mark(marks[kind], inner),
  // Slack ends inline code at the first backtick, and a block at the third in a row.
  code: (value) => (value.includes("`") ? `\`\`\`${escaped(fenceable(` ${value} `))}\`\`\`` : `\`${escaped(value)}\``),
  fence: (value) => `\`\`\`\n${escaped(fenceable(value))}\n\`\`\``,
  link: (url) => `<${escaped(url)}${url.toLowerCase().startsWith("mailto:") ? `|${escaped(spelled(url))}` : ""}>`,
  mention: (id) => {
    if (/^[UW][A-Z0-9]+$/.test(id)) return `<@${id}>`;
    if (/^S[A-Z0-9]+$/.test(id)) return `<!subteam^${id}>`;
    return /^C[A-Z0-9]+$/.test(id) ? `<#${id}>` : undefined;
  },
  heading: (_, inner) => mark("*", inner),
  bullet: "• ",
  lineStart: (line) => line.replace(/^\s*&gt;/, `${apart}$&`),
  quotesCode: false,
  marksAtEdges: true,
};

const marks: Record<Mark, string> = { strong: "*", emphasis: "_", delete: "~" };

/** Slack's marks end with the line. */
function mark(sign: string, inner: string): string {
  return inner.replace(/^(\s*)(.*?)(\s*)$/gm, (line, before: string, middle: string, after: string) =>
    middle === "" ? line : before + sign + middle + sign + after,
  );
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function fenceable(code: string): string {
  return code.replace(/``(?=`)/g, `\`${apart}\`${apart}`);
}

/** Slack has no escape: a mark that could begin something is kept from what follows, and a backtick becomes one that only looks so. Only where it
 *  has a partner, so that `~/.ssh` can be copied. */
function unpaired(text: string, paired: (sign: string) => boolean): string {
  if (!/[*_~`]/.test(text)) return text;
  return text.replace(/(?<=(^|[^\p{L}\p{N}]))[*_~](?=\S)|`/gu, (sign) => {
    if (!paired(sign)) return sign;
    return sign === "`" ? "\u02cb" : sign + apart;
  });
}
