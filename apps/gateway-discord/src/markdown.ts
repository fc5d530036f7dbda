export interface Limits {
  /** Characters of one message. */
  longest: number;
  /** Messages; what is left over is cut off, with a word on how much that is. */
  most: number;
}

/** CommonMark as one or more messages in Discord's Markdown, which is nearly the same. Whatever the text says, it mentions nobody: what Discord would read
 *  as a mention, an emoji, a time stamp or a hidden word gets a space of no width, except in code, where Discord reads nothing. Never gives
 *  nothing. Takes time in proportion to the text. */
export function toDiscordMarkdown(markdown: string, { longest, most }: Limits = { longest: 2_000, most: 10 }): string[] {
  const pages: Page[] = [];
  let page = new Page(longest);
  const turn = () => {
    if (page.hasText()) pages.push(page);
    page = new Page(longest);
  };
  for (const { line, fence } of linesOf(markdown)) {
    const show = fence === undefined ? prose : fenced;
    page.enter(fence);
    let rest: string | undefined = line.trim() === "" && !page.hasText() ? undefined : line;
    for (let tries = 0; rest !== undefined; tries++) {
      const shown = rest.length <= 2 * longest ? show(rest) : undefined;
      if (shown !== undefined && page.takes(shown)) {
        page.add(shown);
        rest = undefined;
      } else if (tries === 0 && page.hasText()) {
        turn();
        page.enter(fence);
      } else {
        const [head, tail] = broken(rest, { room: page.room(), show });
        page.add(head);
        turn();
        page.enter(fence);
        rest = tail;
      }
    }
  }
  turn();
  if (pages.length === 0) return ["(empty)"];
  return pages.length <= most ? pages.map(String) : shortened(pages, most);
}

/** What a message says, however Discord or we put it: for comparing what we said with what stands. */
export function sameText(one: string, other: string): boolean {
  const bare = (text: string) => text.replaceAll("\u200b", "").replace(/\s+/g, " ").trim();
  return bare(one) === bare(other);
}

interface Fence {
  language: string;
}

/** One message in the making. A fence that is open is closed at its end, and opened again on the next page. */
class Page {
  private readonly longest: number;
  private readonly lines: string[] = [];
  private fence: Fence | undefined;
  private length = 0;
  private blank = true;
  private inside = 0;

  constructor(longest: number) {
    this.longest = longest;
  }

  enter(fence: Fence | undefined): void {
    if (fence === this.fence) return;
    this.leave();
    if (fence !== undefined) this.push(`\`\`\`${fence.language}`);
    this.fence = fence;
    this.inside = 0;
  }

  takes(line: string): boolean {
    return line.length <= this.room();
  }

  /** What is left for a line: less the line break before it and, in a fence, the closing of the fence. */
  room(): number {
    return this.longest - this.length - (this.lines.length > 0 ? 1 : 0) - (this.fence === undefined ? 0 : 4);
  }

  add(line: string): void {
    // Discord reads a fence with nothing in it as the beginning of the next one.
    if (this.fence !== undefined && line.trim() !== "") this.inside += 1;
    if (line.trim() !== "") this.blank = false;
    this.push(line);
  }

  hasText(): boolean {
    return !this.blank;
  }

  toString(): string {
    this.leave();
    return this.lines.join("\n");
  }

  private leave(): void {
    if (this.fence === undefined) return;
    this.fence = undefined;
    if (this.inside === 0)
      this.lines.splice(
        this.lines.findLastIndex((line) => line.startsWith("```")),
        Infinity,
      );
    else this.lines.push("```");
    this.length = this.lines.join("\n").length;
  }

  private push(line: string): void {
    this.length += line.length + (this.lines.length > 0 ? 1 : 0);
    this.lines.push(line);
  }
}

/** The lines of the text without its fences, each with the fence it is in: the same object for all lines of one. */
function* linesOf(markdown: string): Generator<{ line: string; fence: Fence | undefined }> {
  let open: { mark: string; fence: Fence } | undefined;
  for (const line of markdown.replace(/\r\n?/g, "\n").split("\n")) {
    const [, mark, info = ""] = /^[ \t]*(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (mark !== undefined && open === undefined && (mark.startsWith("~") || !info.includes("`"))) {
      // Anything else after the backticks would be taken for the first line of the code.
      open = { mark, fence: { language: /^[a-z0-9_+\-.#]+$/i.exec(info.trim().split(/\s/)[0] ?? "")?.[0] ?? "" } };
    } else if (mark !== undefined && open !== undefined && mark.startsWith(open.mark) && info.trim() === "") {
      open = undefined;
    } else {
      yield { line, fence: open?.fence };
    }
  }
}

/** Discord ends a code block at any three backticks: a space of no width keeps them apart. */
function fenced(line: string): string {
  return line.replaceAll(/`(?=``)/g, "`\u200b");
}

/** What Discord makes something of: mentions of everybody, people, roles, channels, commands and navigation, emoji, time stamps, hidden words. */
const live = /@(?=everyone|here)|<(?=@|#|a?:\w|t:-?\d|id:|\/[^\n>]*:\d)|\|(?=\|)/gi;

const ticks = /`+/y;

/** A line outside fences. Code spans stay as they are; a backtick that begins none is made a plain one, so that Discord finds the same spans as we do. */
function prose(line: string): string {
  let out = "";
  let plain = "";
  const flush = () => {
    out += plain.replace(live, "$&\u200b");
    plain = "";
  };
  const unclosed = new Set<number>();
  for (let at = 0; at < line.length;) {
    const character = line.charAt(at);
    if (character === "\\" && /[\\`]/.test(line.charAt(at + 1))) {
      plain += line.slice(at, at + 2);
      at += 2;
    } else if (character === "`") {
      ticks.lastIndex = at;
      const run = ticks.exec(line)?.[0] ?? character;
      const end = unclosed.has(run.length) ? undefined : closing(line, { run, from: at + run.length });
      if (end === undefined) unclosed.add(run.length);
      if (end === undefined) plain += "\\`".repeat(run.length);
      else {
        flush();
        out += span(line.slice(at + run.length, end - run.length));
      }
      at = end ?? at + run.length;
    } else {
      plain += character;
      at += 1;
    }
  }
  flush();
  return out;
}

/** A code span with marks that Discord reads as we do: three backticks would begin a block. */
function span(code: string): string {
  const inside = code.replaceAll(/`(?=`)/g, "`\u200b");
  const mark = inside.includes("`") ? "``" : "`";
  // A backtick at either end would belong to the mark.
  return `${mark}${inside.startsWith("`") ? " " : ""}${inside}${inside.endsWith("`") ? " " : ""}${mark}`;
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

/** A line that no page takes, in two: before the limit, between words where there are some, never within a character. */
function broken(line: string, { room, show }: { room: number; show: (text: string) => string }): [shown: string, rest: string] {
  // What is shown may be longer than what is written: less is taken until it fits.
  for (let length = Math.min(room, line.length - 1); ; length = Math.floor(length * 0.8)) {
    const cut = Math.max(1, wordEnd(line, length));
    const head = line.slice(0, cut);
    const shown = show(head);
    if (shown.length <= room || cut <= 2) return [shown, line.slice(cut)];
  }
}

function wordEnd(line: string, length: number): number {
  const space = line.lastIndexOf(" ", length);
  const cut = space > length / 2 ? space + 1 : length;
  return /[\uD800-\uDBFF]/.test(line.charAt(cut - 1)) ? cut - 1 : cut;
}

function shortened(pages: readonly Page[], most: number): string[] {
  const kept = pages.slice(0, most - 1).map(String);
  const lost = pages.slice(most - 1).reduce((sum, page) => sum + String(page).length, 0);
  return [...kept, `… (cut here: ${lost} more characters)`];
}
