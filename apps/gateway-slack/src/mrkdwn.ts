/** CommonMark as Slack's mrkdwn, at most `longest` characters. Whatever the text says, it pings nobody:
 *  `&`, `<` and `>` are always escaped, and only a plain web link makes brackets. Takes time in proportion to the text. */
export function toMrkdwn(markdown: string, longest = 39_000): string {
  const out: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.replace(/\r\n?/g, "\n").split("\n")) {
    const [, mark, info = ""] = /^[ \t]*(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (mark !== undefined && fence === undefined && (mark.startsWith("~") || !info.includes("`"))) {
      fence = mark;
      out.push("```"); // Slack knows no language, and no other fence
    } else if (mark !== undefined && fence !== undefined && mark.startsWith(fence) && info.trim() === "") {
      fence = undefined;
      out.push("```");
    } else {
      out.push(fence === undefined ? prose(line) : escaped(fenced(line)));
    }
  }
  if (fence !== undefined) out.push("```");
  return shortened(out.join("\n"), longest);
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** Slack ends a code block at any three backticks: a space of no width keeps them apart. */
function fenced(line: string): string {
  return line.replaceAll("```", "`\u200b``");
}

/** A line outside fences. */
function prose(line: string): string {
  const [, indent = "", item] = /^([ \t]*)(?:[-*+][ \t]+(.*))?/.exec(line) ?? [];
  if (item !== undefined) return `${indent}• ${spans(item)}`;
  const [, heading] = /^#{1,6}[ \t]+(.*)$/.exec(line) ?? [];
  const title = heading?.trim().replaceAll("*", "");
  return title ? `*${spans(title)}*` : spans(line);
}

const link = /\[([^\][\n]+)\]\((https?:\/\/[^\s()<>|]+)\)/y;
const strong = /\*\*([^*\s](?:[^*\n]*[^*\s])?)\*\*/y;
const ticks = /`+/y;

/** Code spans stay as they are; links and strong text are read once, from left to right. A backslash stays: what actions put out has many, and hardly
 *  ever to escape something. */
function spans(text: string): string {
  let out = "";
  const unclosed = new Set<number>();
  const take = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (let at = 0; at < text.length;) {
    const run = take(ticks, at)?.[0];
    const end = run === undefined || unclosed.has(run.length) ? undefined : closing(text, { run, from: at + run.length });
    if (run !== undefined && end === undefined) unclosed.add(run.length);
    const [linked, label, url] = take(link, at) ?? [];
    const [bold, inner] = take(strong, at) ?? [];
    if (run !== undefined) {
      out += escaped(text.slice(at, end ?? at + run.length));
      at = end ?? at + run.length;
    } else if (linked !== undefined && label !== undefined && url !== undefined) {
      out += `<${escaped(url)}|${escaped(label.replaceAll("|", "/"))}>`;
      at += linked.length;
    } else if (bold !== undefined && inner !== undefined) {
      out += `*${escaped(inner)}*`;
      at += bold.length;
    } else {
      out += escaped(text.charAt(at));
      at += 1;
    }
  }
  return out;
}

/** Where the code span ends that a run of so many backticks began. */
function closing(text: string, { run, from }: { run: string; from: number }): number | undefined {
  for (let at = text.indexOf(run, from); at >= 0; at = text.indexOf(run, at)) {
    ticks.lastIndex = at;
    const found = ticks.exec(text)?.[0].length ?? run.length;
    if (found === run.length) return at + found;
    at += found;
  }
  return undefined;
}

/** Cut before the limit where that splits no entity, link or character, with a word on how much is missing; an open fence is closed. */
function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  let cut = text.slice(0, Math.max(0, longest - 80)).replace(/(?:&[a-z]{0,3}|[\uD800-\uDBFF])$/, "");
  // Every `<` that is left opens a link of ours.
  if (cut.lastIndexOf("<") > cut.lastIndexOf(">")) cut = cut.slice(0, cut.lastIndexOf("<"));
  if ((cut.split("```").length - 1) % 2 === 1) cut = `${cut.replace(/`{1,2}$/, "")}\n\`\`\``;
  return `${cut}\n… (cut here: ${text.length - cut.length} more characters)`;
}
