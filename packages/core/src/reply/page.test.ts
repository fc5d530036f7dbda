import type { Continuation, Outcome, Run } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { pageOf } from "./page.ts";
import { renderReply } from "./render.ts";

const succeeded: Outcome = { status: "succeeded" };
const run: Run = {
  v: 1,
  id: "01RUN",
  revision: 2,
  status: "succeeded",
  action: "deploy.deploy",
  reply: { enabled: true },
  asker: { platform: "slack", id: "U1", name: "ana", kind: "human" },
  replyTo: { platform: "slack", account: "A", channel: "C" },
  answers: "m1",
  tasks: {},
  applied: [],
  askedAt: "2026-01-01T00:00:00.000Z",
};

/** Everything that a person sees who says `more` until there is no more. */
function readWhole(output: unknown, of = run): string[] {
  const { body, kept, more } = renderReply({ run: of, outcome: succeeded, output });
  const pages = [body.text];
  const text = kept[0]?.text ?? "";
  for (let next = more; next !== undefined && next.left > 0;) {
    const continued: Continuation = { ...next, reader: "U1", at: of.askedAt };
    const page = pageOf({ text, more: continued, run: of.id });
    pages.push(page.body.text);
    expect(page.more.from).toBeGreaterThan(next.from);
    next = page.more;
  }
  return pages;
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => `line number ${n}`);
const found = (pages: string[]) => pages.flatMap((page) => page.match(/line number \d+/g) ?? []);

describe("an answer that is read page by page", () => {
  it.each<[string, unknown]>([
    ["what a command printed", { stdout: `${numbers(3_000).join("\n")}\n`, return_code: 0 }],
    ["a text", numbers(3_000).join("\n")],
    ["a list", numbers(3_000)],
    ["a table", numbers(3_000).map((line) => ({ line, state: "ok" }))],
    ["a text with code in it", `Before\n\`\`\`\`sh\n${numbers(2_000).join("\n")}\n\`\`\`\n\`\`\`\`\nafter\n${numbers(1_000).join("\n")}`],
    ["a result of fields", { first: numbers(20), text: numbers(2_000).join("\n") }],
  ])("is said whole and once: %s", (_, output) => {
    const expected = found([JSON.stringify(output)]);
    const pages = readWhole(output);
    expect(found(pages)).toEqual(expected);
    expect(pages.length).toBeGreaterThan(2);
  });

  it("says on each page but the last how to read on", () => {
    const pages = readWhole(numbers(3_000).join("\n"));
    expect(pages.slice(0, -1).every((page) => /… \d+ more characters.*: run `01RUN`\. Say `more` to read on\.$/.test(page))).toBe(true);
    expect(pages.at(-1)).not.toContain("more");
  });

  it("closes a block of code on each page, and begins it anew on the next", () => {
    const pages = readWhole(`\`\`\`json\n${numbers(2_000).join("\n")}\n\`\`\`\nend`);
    expect(pages[1]).toMatch(/^```json\nline number \d+\n/);
    for (const page of pages) expect(page.match(/^```/gm)).toHaveLength(2);
  });

  it("repeats the head of a table", () => {
    const [, second] = readWhole(numbers(3_000).map((line) => ({ line, state: "ok" })));
    expect(second).toMatch(/^\| line \| state \|\n\| --- \| --- \|\n\| line number \d+ \| ok \|\n/);
  });

  it("cuts no character in two", () => {
    for (const page of readWhole("\u{1f600}".repeat(9_001))) expect(page.isWellFormed()).toBe(true);
    expect(
      readWhole("\u{1f600}".repeat(9_001))
        .join("")
        .match(/\u{1f600}/gu),
    ).toHaveLength(9_001);
  });

  it("is no file at a prompt, which shows none", () => {
    const typed: Run = { ...run, replyTo: { platform: "terminal", account: "t", channel: "prompt" } };
    const { body, kept, more } = renderReply({ run: typed, outcome: succeeded, output: numbers(3_000).join("\n") });
    expect(body.files).toBeUndefined();
    expect(body.text).toMatch(/… \d+ more characters: run `01RUN`\. Say `more` to read on\.$/);
    expect(more?.object).toBe(kept[0]?.object);
  });
});
