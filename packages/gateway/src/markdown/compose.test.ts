import { expect, it } from "vitest";
import { compose } from "./compose.ts";
import { writeDiscord } from "./discord.ts";
import { writeMatrix } from "./matrix.ts";

function parts(markdown: string, n: number): string[] {
  const composed = compose(markdown, { write: writeDiscord, limit: { n, unit: "utf16" }, most: 100 });
  if (composed.kind !== "parts") throw new Error("a file");
  return composed.parts.map(({ text }) => text);
}

it("goes on with a code block in its language", () => {
  expect(parts("```ts\nconst a = 1;\nconst b = 2;\nconst c = 3;\n```", 40)).toEqual([
    "```ts\nconst a = 1;\nconst b = 2;\n```",
    "```ts\nconst c = 3;\n```",
  ]);
});

it("cuts a list between its items, and counts on", () => {
  expect(parts("1. one one\n2. two two\n3. three three", 26)).toEqual(["1. one one\n2. two two", "3. three three"]);
});

it("cuts a table between its rows, under the same head", () => {
  expect(parts("| host | ok |\n|---|---|\n| a | yes |\n| b | no |\n| c | no |", 54)).toEqual([
    "```\nhost | ok\n-----+----\na    | yes\nb    | no\n```",
    "```\nhost | ok\n-----+----\nc    | no\n```",
  ]);
});

it("makes lines of a row that fits no message", () => {
  const [first, ...more] = parts(`| host | said |\n|---|---|\n| a | ${"word ".repeat(30)}|`, 60);
  expect(first).toMatch(/^host: a\n\nsaid: word word/);
  expect(more.every((part) => /^word[ word]*$/.test(part))).toBe(true);
});

it("cuts words only where one alone is too long, and never a character", () => {
  expect(parts("**aaaa bbbb** cccc dddd", 16)).toEqual(["**aaaa bbbb**", "cccc dddd"]);
  const cut = parts("😀".repeat(20), 15);
  expect(cut.join("")).toBe("😀".repeat(20));
  expect(cut.every((part) => part.isWellFormed())).toBe(true);
});

it("cuts text at the end of a line rather than within it", () => {
  expect(parts("aaaa bbbb\ncccc dddd\neeee", 22)).toEqual(["aaaa bbbb\ncccc dddd", "eeee"]);
  expect(parts("aaaa\nbbbb cccc dddd eeee", 20)).toEqual(["aaaa\nbbbb cccc dddd", "eeee"]);
});

it("leaves no message nearly empty because of a word that fits none", () => {
  expect(parts(`200\n${"x".repeat(30)}`, 20)).toEqual([`200\n${"x".repeat(16)}`, "x".repeat(14)]);
  expect(parts("a bbbbbbbb", 9)).toEqual(["a", "bbbbbbbb"]);
});

it("keeps a quote a quote", () => {
  expect(parts("> aaaa bbbb\n>\n> cccc dddd", 15)).toEqual(["> aaaa bbbb", "> cccc dddd"]);
});

it("counts as its platform counts", () => {
  const write = (unit: "chars" | "utf16" | "bytes", n: number) => compose("😀😀", { write: writeMatrix, limit: { n, unit } });
  const whole = { kind: "parts", parts: [{ text: "😀😀", html: "<p>😀😀</p>", mentions: [] }] };
  expect(write("chars", 2 + 9)).toEqual(whole);
  expect(write("chars", 2 + 8)).not.toEqual(whole);
  expect(write("utf16", 4 + 11)).toEqual(whole);
  expect(write("utf16", 4 + 10)).not.toEqual(whole);
  expect(write("bytes", 10 + 17)).toEqual(whole);
  expect(write("bytes", 10 + 16)).not.toEqual(whole);
});

it("says a very long text with a file, and how it begins", () => {
  const markdown = "# Log\n\n```\na line of it\n".padEnd(12_000, "another line\n");
  const composed = compose(markdown, { write: writeDiscord, limit: { n: 2_000, unit: "utf16" } });
  expect(composed).toMatchObject({ kind: "file", name: "reply.md", text: markdown });
  if (composed.kind !== "file") return;
  expect(composed.intro.text).toMatch(/^# Log\n\n```\na line of it\n[^]*\n```\n\n… cut here: 12000 characters in all$/);
  expect(composed.intro.text.length).toBeLessThanOrEqual(2_000);
});

it("has nothing to send for a text without words", () => {
  expect(compose(" \n ", { write: writeDiscord, limit: { n: 2_000, unit: "utf16" } })).toEqual({ kind: "parts", parts: [] });
});

it("takes no seconds for a text that goes on and on", () => {
  const before = performance.now();
  expect(compose("word **x** `y`\n".repeat(100_000), { write: writeDiscord, limit: { n: 2_000, unit: "utf16" } }).kind).toBe("file");
  expect(compose("word **x** `y`\n".repeat(2_600), { write: writeDiscord, limit: { n: 2_000, unit: "utf16" } }).kind).toBe("file");
  expect(compose("w".repeat(39_000), { write: writeDiscord, limit: { n: 2_000, unit: "utf16" } }).kind).toBe("file");
  expect(performance.now() - before).toBeLessThan(20_000);
});
