import type { Nodes } from "mdast";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compose } from "./compose.ts";
import { writeDiscord } from "./discord.ts";
import { writeMatrix } from "./matrix.ts";
import { parse } from "./parse.ts";
import { writeSlack } from "./slack.ts";
import { aWord, anyText, longText } from "./texts.ts";
import type { Write, Written } from "./written.ts";

interface Platform {
  readonly write: Write<Written>;
  /** What people read, and what code they see, as the platform's own reader takes it apart. */
  read(written: Written): { shown: string; prose: string; code: string[] };
  /** What in it would ping somebody or do something, code aside. */
  readonly alarms: RegExp;
}

const slack: Platform = {
  write: writeSlack,
  read({ text }) {
    const code: string[] = [];
    const prose = text.replace(/```([^]*?)```|`([^`\n]+)`/g, (_, block?: string, span?: string) => {
      code.push(unescaped(span ?? block ?? ""));
      return " ";
    });
    const links = prose.replace(/<(?:https?:\/\/|mailto:)[^<>|\s]+(?:\|[^<>|\s]*)?>/gi, " ").replace(/^(?:> ?)+/gm, "");
    return { shown: unescaped(text), prose: links, code };
  },
  alarms: /[<>]/,
};

const discord: Platform = {
  write: writeDiscord,
  read({ text }) {
    const code: string[] = [];
    const prose = (part: string): string =>
      part.replace(
        /\\[^0-9A-Za-z\s]|```(?:[a-z0-9_+\-.#]+?\n)?\n?([^]*?)\n?```|(`{1,2})([^]*?[^`])\2(?!`)|(?:^> .*(?:\n|$))+/gm,
        (all, block?: string, _ticks?: string, span?: string) => {
          if (all.startsWith("\\")) return all;
          if (all.startsWith(">")) return `${prose(all.replace(/^> /gm, ""))}\n`;
          code.push(span ?? block ?? "");
          return " ";
        },
      );
    const outside = prose(text).replace(/<https?:\/\/[^<>\s]+>/gi, (url) => ` ${url.slice(1, -1)} `);
    return { shown: text.replace(/\\([^0-9A-Za-z\s])/g, "$1"), prose: outside, code };
  },
  alarms: /@(?:everyone|here)|<[@#]/i,
};

const matrix: Platform = {
  write: writeMatrix,
  read(written) {
    const html = "html" in written ? String(written.html) : "";
    const code: string[] = [];
    const prose = html.replace(/<code[^>]*>([^]*?)<\/code>/g, (_, inner: string) => {
      code.push(unescaped(inner));
      return " ";
    });
    const open: string[] = [];
    for (const [tag, close, name = "", attributes = ""] of html.matchAll(/<(\/?)([a-z0-9]+)((?: [a-z]+="[^"<>]*")*)>/g)) {
      expect(allowedTags, tag).toContain(name);
      expect(attributes).toMatch(/^$|^ href="(?:https?:|mailto:)[^"]*"$|^ class="language-[^"]*"$|^ start="\d+"$/i);
      if (close === "") expect(attributes).not.toMatch(/^ href="https?:\/\/matrix\.to/i);
      if (close !== "") expect(open.pop()).toBe(name);
      else if (name !== "br" && name !== "hr") open.push(name);
    }
    expect(open).toEqual([]);
    return { shown: unescaped(html.replace(/<[^<>]*>/g, " ")), prose: prose.replace(/<[^<>]*>/g, " "), code };
  },
  alarms: /@room|matrix\.to|[<>]/i,
};

const allowedTags = "p br strong em del code pre ul ol li blockquote a table thead tbody tr th td h1 h2 h3 h4 h5 h6 hr".split(" ");

function unescaped(text: string): string {
  return text
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
}

/** Without what nobody sees. */
function seen(text: string): string {
  return text.replaceAll("\u200b", "").replaceAll("\u02cb", "`");
}

const platforms = { slack, discord, matrix };

function all(nodes: readonly Nodes[]): Nodes[] {
  return nodes.flatMap((node) => [node, ...("children" in node ? all(node.children) : [])]);
}

function expectWords(source: string, shown: string): void {
  let at = 0;
  for (const [word] of seen(source).matchAll(aWord)) {
    const found = shown.indexOf(word, at);
    expect(found, `${word} of ${JSON.stringify(source)} in ${JSON.stringify(shown)}`).toBeGreaterThanOrEqual(0);
    at = found + word.length;
  }
}

/** Code outside of tables, which are shown as code as a whole where there are none. */
function codeIn(blocks: readonly Nodes[], tables: boolean): string[] {
  return blocks.flatMap((node): string[] => {
    if (node.type === "inlineCode") return [node.value];
    if (node.type === "code") return [node.value === "" ? [node.lang, node.meta].filter(Boolean).join(" ") : node.value];
    if (node.type === "link" || (node.type === "table" && !tables)) return node.type === "link" ? codeIn(node.children, tables) : ["table"];
    return "children" in node ? codeIn(node.children, tables) : [];
  });
}

/** Of a plain body. Blocks go first: ticks that stand in words are no beginning of them. */
function withoutCode(text: string): string {
  return text.replace(/^[-> \d.]*(`{3,})[^`\n]*\n[^]*?\n[> ]*\1$/gm, "").replace(/(`+)[^]*?[^`]\1(?!`)/g, "");
}

const plainly = (code: string) => seen(code).replace(/\s+/g, "");

it("pings nobody and loses no word in Slack's blocks either", () => {
  fc.assert(
    fc.property(anyText, anyText, (before, cell) => {
      const { text, blocks = [] } = writeSlack(
        parse(`${before}\n\n| Qtable1 | b |\n|---|---|\n| ${cell.replace(/\s/g, " ")} |\n\n${before}`),
        [],
      );
      const shown = blocks.map((block) => {
        if (block.type === "section") expect(slack.read({ text: block.text.text, mentions: [] }).prose).not.toMatch(slack.alarms);
        else expect(block.rows.flat().every((each) => each.text !== "" && !/<[!@#]/.test(each.text))).toBe(true);
        return block.type === "section"
          ? unescaped(block.text.text)
          : block.rows
              .flat()
              .map((each) => each.text)
              .join(" ");
      });
      if (blocks.length > 0) expectWords(unescaped(text), seen(shown.join("\n")));
    }),
    { numRuns: 300 },
  );
});

describe.each(Object.entries(platforms))("%s", (name, platform) => {
  it("pings nobody and does nothing that the text did not ask for, whatever it says", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const written = platform.write(parse(text), []);
        expect(platform.read(written).prose).not.toMatch(platform.alarms);
        expect(written.mentions).toEqual([]);
        if (name === "matrix") expect(withoutCode(written.text)).not.toMatch(/@room|matrix\.to\/#/i);
      }),
      { numRuns: 800 },
    );
  });

  it("loses no word", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const written = platform.write(parse(text), []);
        expectWords(text, seen(platform.read(written).shown));
        if (name === "matrix") expectWords(text, seen(written.text));
      }),
      { numRuns: 800 },
    );
  });

  it("keeps code verbatim, and nothing gets out of it", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const blocks = parse(text);
        const expected = codeIn(blocks, name === "matrix");
        const { code } = platform.read(platform.write(blocks, []));
        expect(code.length, text).toBe(expected.length);
        expected.forEach((value, index) => {
          if (value !== "table" || name === "matrix") expect(plainly(code[index] ?? "")).toBe(plainly(value));
        });
      }),
      { numRuns: 800 },
    );
  });

  it("shows a text as it is: no mark in it counts", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const value = text.replace(/\r\n?|\0/g, "\n").toWellFormed();
        const written = platform.write([{ type: "paragraph", children: [{ type: "text", value }] }], []);
        const { shown, code } = platform.read(written);
        expect(code).toEqual([]);
        expect(plainly(shown)).toBe(plainly(value));
        if (name === "discord")
          expect(written.text.replace(/\\[^0-9A-Za-z\s]/g, "x")).not.toMatch(/[*_~`|[\]<>]|^\s*(?:[-+]|\d+[.)]|#{1,3}|-#)\s/m);
      }),
      { numRuns: 800 },
    );
  });

  it("splits within the limit, with every word and all code", () => {
    fc.assert(
      fc.property(longText, fc.integer({ min: 600, max: 1_500 }), fc.constantFrom("chars", "utf16", "bytes"), (text, n, unit) => {
        const composed = compose(text, { write: platform.write, limit: { n, unit }, most: 10_000 });
        if (composed.kind !== "parts") throw new Error("a file");
        for (const part of composed.parts) {
          const texts = [part.text, ...("html" in part ? [String(part.html)] : [])];
          const size = {
            chars: (t: string) => Array.from(t).length,
            utf16: (t: string) => t.length,
            bytes: (t: string) => Buffer.byteLength(JSON.stringify(t)),
          }[unit];
          expect(texts.reduce((sum, each) => sum + size(each), 0)).toBeLessThanOrEqual(n);
          for (const each of texts) {
            expect(each.isWellFormed()).toBe(true);
            expect(each.trim()).not.toBe("");
          }
          expect(platform.read(part).prose).not.toMatch(platform.alarms);
        }
        const blocks = parse(text);
        const read = composed.parts.map((part) => platform.read(part));
        expectWords(text, seen(read.map(({ shown }) => shown).join("\n")));
        if (!all(blocks).some(({ type }) => type === "table" || type === "link")) {
          expect(plainly(read.flatMap(({ code }) => code).join(""))).toBe(plainly(codeIn(blocks, true).join("")));
        }
      }),
      { numRuns: 30 },
    );
  });
});
