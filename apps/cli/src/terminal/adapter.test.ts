import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Send } from "@bellhop/contracts";
import { adapterContract, placeOf, testInbox } from "@bellhop/gateway/testing";
import { expect, test } from "vitest";
import { terminalAdapter, toMessage, type TerminalAdapter } from "./adapter.ts";
import { newJournal } from "./journal.ts";

const folder = mkdtempSync(join(tmpdir(), "bellhop-terminal-"));

adapterContract({
  name: "the terminal",
  async start() {
    const journal = newJournal(folder, "person");
    const shown: string[] = [];
    let latest: TerminalAdapter | undefined;
    return {
      async adapter() {
        latest = terminalAdapter({ journal, show: (send) => shown.push(send.body.text) });
        return latest;
      },
      async say(command) {
        await latest?.say(command);
      },
      shown: async () => shown,
      async close() {
        journal.remove();
      },
    };
  },
});

function reply(key: string, text: string, rest: Partial<Send> = {}): Send {
  const to = { platform: "terminal", account: "p-1", channel: "prompt" };
  return { v: 1, key, revision: 1, platform: "terminal", account: "p-1", to, body: { text, tone: "info" }, final: true, ...rest };
}

const post = (adapter: TerminalAdapter, send: Send) => adapter.post(adapter.write(send)[0] ?? send, placeOf(send));

test("the same words are never shown twice, also when the receipt was lost and the send comes again", async () => {
  const shown: string[] = [];
  const adapter = terminalAdapter({ journal: newJournal(folder, "person"), show: (send) => shown.push(send.body.text) });
  await post(adapter, reply("a", "on it", { final: false }));
  await post(adapter, reply("a", "on it", { final: false }));
  await post(adapter, reply("a", "done", { revision: 2 }));
  await post(adapter, reply("a", "done", { revision: 2 }));
  expect(shown).toEqual(["on it", "done"]);
});

test("a line is asked until its final reply was shown, and no longer when it can't be stored", async () => {
  const journal = newJournal(folder, "person");
  const adapter = terminalAdapter({ journal, show: () => {} });
  await adapter.connect(testInbox());
  const key = await adapter.say("!echo a");
  await post(adapter, reply("x", "on it", { final: false, answers: key }));
  expect([...journal.open]).toEqual([key]);
  await post(adapter, reply("x", "done", { revision: 2, answers: key }));
  expect([...journal.open]).toEqual([]);

  await adapter.connect(testInbox({ receive: () => Promise.reject(new Error("too large")) }));
  await expect(adapter.say("echo b")).rejects.toThrow("too large");
  expect([...journal.open]).toEqual([]);
});

test("files are named, with their size", () => {
  const adapter = terminalAdapter({ journal: newJournal(folder, "person"), show: () => {} });
  const files = [
    { name: "a.csv", type: "text/csv", bytes: 12, object: "x" },
    { name: "b.iso", type: "application/octet-stream", bytes: 1e9, lost: "too_large" as const },
  ];
  const written = adapter.write(reply("a", "here", { body: { text: "here", tone: "ok", files } }));
  expect(written.map(({ body }) => body.text)).toEqual(["here\n\n- file a.csv (12 bytes)\n- file b.iso (could not be kept)"]);
});

test("what can be pressed is listed, and a number says the words of the last offer, for as long as it stands", async () => {
  const shown: string[] = [];
  const inbox = testInbox();
  const adapter = terminalAdapter({ journal: newJournal(folder, "person"), show: (send) => shown.push(send.body.text) });
  await adapter.connect(inbox);
  const button = (label: string, words: string) => ({ kind: "button", label, words }) as const;
  const items = [button("Approve", "approve 7F3K"), button("Deny", "deny 7F3K")];
  await post(adapter, reply("card", "", { body: { text: "Deploy?", tone: "info", choices: { press: "7F3K-0", items } } }));
  expect(shown[0]).toBe("Deploy?\n\n- 1 Approve: `approve 7F3K`\n- 2 Deny: `deny 7F3K`\n\nType a number, or the words.");
  for (const line of ["2", "3"]) await adapter.say(line);
  await post(adapter, reply("card", "Denied.", { revision: 2 }));
  await adapter.say("2");
  expect(inbox.heard.map((heard) => heard.kind === "message" && heard.message.content.text)).toEqual(["deny 7F3K", "3", "2"]);
});

test.each([
  ["!echo hello", "echo hello"],
  ["echo hello!", "echo hello!"],
  ["  ! status ", "status"],
])("%j says %j", (line, text) => {
  const address = { platform: "terminal", account: "p-1", channel: "prompt" };
  const person = { platform: "terminal", id: "ana", kind: "human" } as const;
  const at = { line, account: "p-1", address, person, id: "1", sentAt: "2026-11-21T12:00:00.000Z" };
  expect(toMessage(at)).toMatchObject({ content: { text }, addressed: "prompt", key: "terminal/p-1//prompt/1" });
});

test("what a line begins is waited for as the line is, each until its own final reply", async () => {
  const journal = newJournal(folder, "person");
  const adapter = terminalAdapter({ journal, show: () => {} });
  await adapter.connect(testInbox());
  const key = await adapter.say("look at A-1 and A-2");
  await post(adapter, reply("one", "looked at A-1", { answers: `${key}/part/1` }));
  await post(adapter, reply("a", "that is 2 commands", { answers: key, follow: [`${key}/part/1`, `${key}/part/2`] }));
  expect([...journal.open]).toEqual([`${key}/part/2`]);
  await post(adapter, reply("two", "looked at A-2", { answers: `${key}/part/2` }));
  expect([...journal.open]).toEqual([]);
});
