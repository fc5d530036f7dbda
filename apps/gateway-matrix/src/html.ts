/** CommonMark as the HTML that Matrix clients show. Whatever the text says, it is text: `&`, `<`, `>` and `"` are always escaped, and a link is
 *  never one that clients turn into a mention. Takes time in proportion to the text. */
export function toHtml(markdown: string): string {
  const out: string[] = [];
  let fence: string | undefined;
  let code: string[] = [];
  const closeCode = (language: string) => {
    const named = /^[\w+#.-]{1,40}$/.test(language) ? ` class="language-${language}"` : "";
    out.push(`<pre><code${named}>${escaped(code.join("\n"))}\n</code></pre>`);
    code = [];
    fence = undefined;
  };
  let language = "";
  for (const line of markdown.replace(/\r\n?/g, "\n").split("\n")) {
    const [, mark, info = ""] = /^[ \t]*(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (fence === undefined && mark !== undefined && (mark.startsWith("~") || !info.includes("`"))) {
      fence = mark;
      language = info.trim().split(/\s/)[0] ?? "";
    } else if (fence !== undefined && mark !== undefined && mark.startsWith(fence) && info.trim() === "") {
      closeCode(language);
    } else if (fence !== undefined) {
      code.push(line);
    } else {
      out.push(`${prose(line)}<br>`);
    }
  }
  if (fence !== undefined) closeCode(language);
  return out.join("\n").replaceAll("<br>\n<pre>", "\n<pre>").replace(/<br>$/, "");
}

export function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** A line outside fences. Leading spaces would fall together. */
function prose(line: string): string {
  const [, indent = "", item] = /^([ \t]*)(?:[-*+][ \t]+(.*))?/.exec(line) ?? [];
  const depth = "&nbsp;".repeat(Math.min(80, indent.replaceAll("\t", "    ").length));
  if (item !== undefined) return `${depth}• ${spans(item)}`;
  const [, heading] = /^#{1,6}[ \t]+(.*)$/.exec(line) ?? [];
  const title = heading?.trim().replaceAll("*", "");
  return title ? `<strong>${spans(title)}</strong>` : `${depth}${spans(line.slice(indent.length))}`;
}

const link = /\[([^\][\n]+)\]\((https?:\/\/[^\s()<>"]+)\)/y;
const strong = /\*\*([^*\s](?:[^*\n]*[^*\s])?)\*\*/y;
const ticks = /`+/y;

/** Code spans, links and strong text are read once, from left to right. A backslash stays: what actions put out has many, and hardly ever to
 *  escape something. */
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
      const inside = end === undefined ? undefined : text.slice(at + run.length, end - run.length);
      out += inside === undefined ? run : `<code>${escaped(/^ .*[^ ].* $/.test(inside) ? inside.slice(1, -1) : inside)}</code>`;
      at = end ?? at + run.length;
    } else if (linked !== undefined && label !== undefined && url !== undefined && !isMention(url)) {
      out += `<a href="${escaped(url)}">${escaped(label)}</a>`;
      at += linked.length;
    } else if (bold !== undefined && inner !== undefined) {
      out += `<strong>${escaped(inner)}</strong>`;
      at += bold.length;
    } else {
      out += escaped(text.charAt(at));
      at += 1;
    }
  }
  return out;
}

/** Clients make a pill of a link to this host, however it is spelled. */
function isMention(url: string): boolean {
  return !URL.canParse(url) || new URL(url).hostname.replace(/\.+$/, "").endsWith("matrix.to");
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
