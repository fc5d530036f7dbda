import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Reply } from "./chat.ts";

/** Plays a transcript: see `Chat.expectTranscript`. With `BELLHOP_TRANSCRIPTS=write` (`bellhop pack test --update`), a file is written anew with
 *  what was really said, but for the lines whose `…` stand for it.
 *  @throws AssertionError */
export async function playTranscript(at: {
  source: string;
  /** The pack's. */
  folder: string;
  say: (text: string) => Promise<Reply>;
}): Promise<void> {
  const { source, folder, say } = at;
  const file = source.includes("\n") ? undefined : join(folder, source);
  const named = file !== undefined && existsSync(file) ? file : undefined;
  const expected = named === undefined ? source : readFileSync(named, "utf8");
  const parts = partsOf(expected);
  if (!parts.some((part) => part.kind === "exchange")) {
    throw new Error(`${named ?? "The transcript"} has no line that begins with "you> "${named === undefined ? "" : " in a fenced block"}.`);
  }
  let actual = "";
  for (const part of parts) {
    if (part.kind === "other") actual += part.text;
    else {
      const reply = linesOf(await say(part.said));
      actual += `you> ${part.said}\n${fits(reply, part.reply) ? part.reply : reply}${part.gap}`;
    }
  }
  if (actual === expected) return;
  if (named !== undefined && process.env["BELLHOP_TRANSCRIPTS"] === "write") return writeFileSync(named, actual);
  const update = named === undefined ? "" : " `bellhop pack test --update` writes it as it is.";
  assert.equal(actual, expected, `${named === undefined ? "The chat" : basename(named)} says something else.${update}`);
}

type Part =
  | { kind: "other"; text: string }
  /** `reply` as it stands there, `bot> ` included; `gap` is what is empty below it. */
  | { kind: "exchange"; said: string; reply: string; gap: string };

/** Everything in a file, in order: what is said in it, and what stands around that. */
function partsOf(text: string): Part[] {
  const fences = [...text.matchAll(/^(`{3,})[^`\n]*\n(?=you> )([^]*?)^\1`*[ \t]*$/gm)];
  if (fences.length === 0) return text.trimStart().startsWith("you> ") ? exchangesIn(text) : [{ kind: "other", text }];
  const parts: Part[] = [];
  let from = 0;
  for (const fence of fences) {
    const [whole, , inner = ""] = fence;
    const at = fence.index + whole.indexOf("\n") + 1;
    parts.push({ kind: "other", text: text.slice(from, at) }, ...exchangesIn(inner));
    from = at + inner.length;
  }
  return [...parts, { kind: "other", text: text.slice(from) }];
}

function exchangesIn(text: string): Part[] {
  return text.split(/^(?=you> )/m).map((part): Part => {
    const found = /^you> (.*)\n?([^]*)$/.exec(part);
    if (found === null) return { kind: "other", text: part };
    const [, said = "", rest = ""] = found;
    const reply = rest.trimEnd();
    return { kind: "exchange", said, reply, gap: rest.slice(reply.length) };
  });
}

function linesOf({ text, files }: Reply): string {
  return `bot> ${[text.trimEnd(), ...files.map(({ name }) => `[${name}]`)].join("\n")}`;
}

/** Whether a reply is what was expected, where `…` stands for anything. */
function fits(reply: string, expected: string): boolean {
  const pattern = expected.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${pattern.join("[^]*?")}$`).test(reply);
}
