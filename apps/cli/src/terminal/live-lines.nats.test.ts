import type { Bus } from "@bellhop/bus";
import { conversationKey, messageIds, runId, shardOfKey, subjects } from "@bellhop/contracts";
import { startBus, there, type TestBus } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toMessage } from "./adapter.ts";
import { liveLines, wholeLines } from "./live-lines.ts";

let server: TestBus;
let bus: Bus;
beforeAll(async () => {
  server = await startBus(1);
  ({ bus } = server);
});
afterAll(async () => {
  await server.end();
});

function printed() {
  const texts: string[] = [];
  return { texts, lines: wholeLines((text) => texts.push(text)) };
}

test("lines are printed when they are whole, each stream its own", () => {
  const { texts, lines } = printed();
  lines.open();
  for (const [stream, text] of [
    ["stdout", "on"],
    ["stderr", "care"],
    ["stdout", "e\ntwo\nthr"],
    ["stderr", "ful\n"],
  ] as const)
    lines.add({ stream, text });
  expect(texts).toEqual(["one\ntwo", "careful"]);
});

test("nothing is printed before its time, and then what there is of it", () => {
  const { texts, lines } = printed();
  lines.add({ stream: "stdout", text: Array.from({ length: 1_000 }, (_, n) => `line ${n}\n`).join("") });
  expect(texts).toEqual([]);
  lines.open();
  expect(texts[0]?.split("\n")).toEqual(Array.from({ length: 200 }, (_, n) => `line ${n + 800}`));
});

test("what would move the cursor is not printed", () => {
  const { texts, lines } = printed();
  lines.open();
  lines.add({ stream: "stdout", text: "10 %\r20 %\r\n\u001b[2J\u001b[31mred\u0007\n" });
  expect(texts).toEqual(["20 %\nred"]);
});

test("what the run of a message prints is printed until its reply is there", async () => {
  const address = { platform: "terminal", account: "p-1", channel: "prompt" };
  const person = { platform: "terminal", id: "ana", kind: "human" as const };
  const messages = ["1", "2"].map((id) =>
    toMessage({ line: "x", account: "p-1", address, person, id, sentAt: "2026-01-01T00:00:00.000Z" }),
  );
  const texts: string[] = [];
  const live = liveLines({ bus, afterMs: 0, print: (text) => texts.push(text) });
  for (const message of messages) live.follow(message);
  const print = async (index: number, seq: number) => {
    const message = there(messages[index]);
    const run = runId({ key: message.key, at: message.sentAt, shard: shardOfKey(conversationKey(message)) });
    const chunk = { v: 1, run, task: "main", attempt: 1, seq, stream: "stdout", text: `${index}.${seq}\n` } as const;
    await bus.publish(subjects.run.output, chunk, { id: messageIds.output(chunk, seq) });
  };
  await print(0, 0);
  await expect.poll(() => texts).toEqual(["0.0"]);
  live.over(messages[0]?.key ?? "nothing was asked");
  await print(0, 1);
  await print(1, 0);
  await expect.poll(() => texts).toEqual(["0.0", "1.0"]);
  live.stop();
});
