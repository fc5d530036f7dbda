import { createHash } from "node:crypto";
import { Message, MessageDeleted, MessageEdited, MessageReacted, type Address, type Send } from "@bellhop/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { capabilityNames, type Adapter, type Capability, type Heard, type Place, type SendResult } from "./adapter.ts";
import { pieceKey } from "./next-step.ts";
import { testInbox, type TestInbox } from "./test-inbox.ts";

export { testInbox, type TestInbox } from "./test-inbox.ts";

/** A platform as people and the network see it: a fake, or the real thing. */
export interface Stage {
  /** One and the same account, each time anew: not connected yet. */
  adapter(): Promise<Adapter>;
  /** A person writes a command where the bot hears it and others can read it, without the platform's way of calling: the stage adds that. */
  say(command: string): Promise<void>;
  /** A person writes something that is not for the bot. Absent where everything is. */
  chat?(text: string): Promise<void>;
  /** A person writes a command with a file. */
  sendFile?(command: string, file: { name: string; type: string; bytes: Uint8Array }): Promise<void>;
  /** The person rewords the last command; the stage adds the platform's way of calling. */
  editLast?(command: string): Promise<void>;
  /** The person takes the last command back. */
  deleteLast?(): Promise<void>;
  /** The person puts a reaction (Unicode) on the last command, or takes it back. */
  react?(emoji: string, added: boolean): Promise<void>;

  /** What everybody there sees of the bot, oldest first. */
  shown(): Promise<string[]>;
  /** What only the person who wrote the last command sees of the bot, oldest first: in the same place, or by direct message. */
  shownAlone?(): Promise<string[]>;
  /** The bot's files that people see, oldest first. */
  files?(): Promise<{ name: string; bytes: Uint8Array }[]>;
  /** The bot's reactions (Unicode) on the last command. */
  reactions?(): Promise<string[]>;
  /** Whether people see that the bot is at it. */
  typing?(): Promise<boolean>;

  /** Where nobody can be told anything. Absent where there is no such place. */
  nowhere?: Address;
  /** Messages that the platform does not know we have, counted when nothing is on its way any more. Absent where it never knows. */
  unacknowledged?(): Promise<number>;
  /** The next post is carried out, and its answer lost. */
  loseAnswer?(): void;
  /** The next post is lost, and its answer with it. */
  loseRequest?(): void;
  /** The next post is turned away for now. */
  turnAway?(): void;
  close(): Promise<void>;
}

/** Where a piece of a send goes, as the gateway says it. `files`: contents by the `object` of their references. */
export function placeOf(send: Send, piece = 0, { again, files }: { again?: boolean; files?: ReadonlyMap<string, Uint8Array> } = {}): Place {
  return {
    to: send.to,
    key: pieceKey(send, piece),
    only: send.only,
    again,
    revision: send.revision,
    async read({ name, object }) {
      const bytes = files?.get(object ?? "");
      if (bytes === undefined) throw new Error(`nobody has ${name}`);
      return bytes;
    },
  };
}

/** The cases that every adapter passes: call it in the adapter's own test file. Cases about what a stage or a platform can't do are skipped. */
export function adapterContract({ name, start }: { name: string; start: () => Promise<Stage> }): void {
  describe(`${name} as an adapter`, () => {
    let stage: Stage;
    let adapter: Adapter;

    beforeEach(async () => {
      stage = await start();
      adapter = await stage.adapter();
    });

    afterEach(async () => {
      await adapter.disconnect();
      await stage.close();
    });

    /** Connects, and gives the message that a person's command becomes. */
    async function asked(command: string): Promise<Message> {
      return (await listening(() => stage.say(command))).message;
    }

    /** Connects, lets a person say something, and gives the message it becomes and a way to wait for what comes after it. */
    async function listening(say: () => Promise<void>) {
      const ears = createEars();
      await adapter.connect(ears.inbox);
      await say();
      const { message } = await ears.next("message");
      return { message, next: ears.next, inbox: ears.inbox };
    }

    function replyTo(message: Message, text: string, rest: Partial<Send> = {}): Send {
      const { platform, account } = adapter;
      const body = { text, tone: "info" } as const;
      return { v: 1, key: `${message.key}#0`, revision: 1, platform, account, to: message.replyTo, body, final: true, ...rest };
    }

    const firstOf = (send: Send) => adapter.write(send)[0];
    const post = (send: Send, again?: boolean) => adapter.post(firstOf(send), placeOf(send, 0, { again }));

    /** Says a send whole; the references of its pieces. */
    async function say(send: Send, files?: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
      const refs: string[] = [];
      for (const [at, piece] of adapter.write(send).entries()) refs.push(refOf(await adapter.post(piece, placeOf(send, at, { files }))));
      return refs;
    }

    /** The shortest reply of numbered lines that takes several pieces; undefined where nothing does. */
    function longReply(message: Message): { send: Send; lines: number } | undefined {
      for (let lines = 16; lines <= 16_384; lines *= 2) {
        const text = Array.from({ length: lines }, (_, at) => `line ${at + 1} of a text that is long enough to matter`).join("\n");
        const send = replyTo(message, text);
        if (adapter.write(send).length > 1) return { send, lines };
      }
      return undefined;
    }

    it("says what it can do, and does that", () => {
      expect(Object.keys(adapter.capabilities).sort()).toEqual([...capabilityNames].sort());
      const has: Partial<Record<Capability, boolean>> = {
        edit: adapter.reword !== undefined,
        delete: adapter.remove !== undefined,
        reaction: adapter.react !== undefined,
        typing: adapter.type !== undefined,
      };
      const { edit, delete: remove, reaction, typing } = adapter.capabilities;
      const says = Object.entries({ edit, delete: remove, reaction, typing }).map(([capability, level]) => [capability, level !== "none"]);
      expect(Object.fromEntries(says)).toEqual(has);
      if (adapter.capabilities.once === "emulated") expect(adapter.find !== undefined).toBe(true);
    });

    it("makes a message of what a person asks", async () => {
      const message = await asked("echo hello");
      expect(Message.parse(message)).toMatchObject({
        platform: adapter.platform,
        account: adapter.account,
        content: { text: "echo hello" },
        replyTo: { platform: adapter.platform, account: adapter.account },
      });
      expect(message.key.startsWith(`${encodeURIComponent(adapter.platform)}/${encodeURIComponent(adapter.account)}/`)).toBe(true);
    });

    it("has the same account when it connects again", async () => {
      const second = await stage.adapter();
      expect([second.platform, second.account]).toEqual([adapter.platform, adapter.account]);
      await second.disconnect();
    });

    it("passes over what is not for us", async ({ skip }) => {
      if (stage.chat === undefined) return skip();
      await stage.chat("just talking");
      const message = await asked("echo next");
      expect(message.content.text).toBe("echo next");
    });

    it("shows a reply where it was asked", async () => {
      expect(await say(replyTo(await asked("echo a"), "the answer"))).toEqual([expect.any(String)]);
      expect(await stage.shown()).toEqual([expect.stringContaining("the answer")]);
    });

    it("does not hear itself", async () => {
      const { message, next, inbox } = await listening(() => stage.say("echo first"));
      const [ref = ""] = await say(replyTo(message, "!echo again"));
      const anew = replyTo(message, "!echo anew", { revision: 2 });
      await adapter.reword?.(firstOf(anew), { ...placeOf(anew), ref });
      await adapter.react?.({ to: message.replyTo, emoji: "👀", gone: false });
      await adapter.remove?.({ ...placeOf(anew), ref });
      await stage.say("echo last");
      expect((await next("message")).message.content.text).toBe("echo last");
      expect(inbox.heard.map(({ kind }) => kind)).toEqual(["message", "message"]);
    });

    it("writes the same send the same way again", async () => {
      const message = await asked("echo a");
      for (const send of [replyTo(message, "**a** `b`"), longReply(message)?.send]) {
        if (send !== undefined) expect(adapter.write(structuredClone(send))).toEqual(adapter.write(send));
      }
    });

    it("says a long text in pieces that stand in order", async ({ skip }) => {
      const long = longReply(await asked("echo a"));
      if (long === undefined) return skip();
      expect(await say(long.send)).toHaveLength(adapter.write(long.send).length);
      const shown = (await stage.shown()).join("\n");
      const numbers = [...shown.matchAll(/line (\d+) of/g)].map(([, number]) => Number(number));
      expect(numbers).toEqual(Array.from({ length: long.lines }, (_, at) => at + 1));
    });

    it("rewords what stands instead of saying it twice", async ({ skip }) => {
      if (adapter.reword === undefined) return skip();
      const message = await asked("echo a");
      const [ref = ""] = await say(replyTo(message, "on it"));
      const done = replyTo(message, "done", { revision: 2 });
      expect(await adapter.reword(firstOf(done), { ...placeOf(done), ref })).toEqual({ kind: "sent", ref });
      expect(await adapter.reword(firstOf(done), { ...placeOf(done), ref })).toEqual({ kind: "sent", ref });
      expect(await stage.shown()).toEqual([expect.stringContaining("done")]);
    });

    it("takes back what it said, also when that is gone already", async ({ skip }) => {
      if (adapter.remove === undefined) return skip();
      const message = await asked("echo a");
      const [ref = ""] = await say(replyTo(message, "too much"));
      const kept = replyTo(message, "enough", { key: `${message.key}#1` });
      await say(kept);
      expect(await adapter.remove({ ...placeOf(kept), ref })).toMatchObject({ kind: "sent" });
      expect(await adapter.remove({ ...placeOf(kept), ref })).toMatchObject({ kind: "sent" });
      expect(await stage.shown()).toEqual([expect.stringContaining("enough")]);
    });

    it("refuses to reword what is gone, and says nothing else", async ({ skip }) => {
      if (adapter.reword === undefined || adapter.remove === undefined) return skip();
      const message = await asked("echo a");
      const [ref = ""] = await say(replyTo(message, "on it"));
      const done = replyTo(message, "done", { revision: 2 });
      await adapter.remove({ ...placeOf(done), ref });
      expect(await adapter.reword(firstOf(done), { ...placeOf(done), ref })).toMatchObject({ kind: "refused" });
      expect(await stage.shown()).toEqual([]);
    });

    it("puts a reaction on what it answers, and takes it back", async ({ skip }) => {
      if (adapter.react === undefined || stage.reactions === undefined) return skip();
      const { replyTo: to } = await asked("echo a");
      for (const gone of [false, true]) {
        for (const time of ["once", "again"]) {
          expect(await adapter.react({ to, emoji: "👀", gone }), time).toMatchObject({ kind: "sent" });
          expect(await stage.reactions()).toEqual(gone ? [] : ["👀"]);
        }
      }
    });

    it("shows that it is at it", async ({ skip }) => {
      if (adapter.type === undefined || stage.typing === undefined) return skip();
      await adapter.type((await asked("echo a")).replyTo);
      expect(await stage.typing()).toBe(true);
    });

    it("shows a file with its name", async ({ skip }) => {
      if (adapter.capabilities.file === "none" || stage.files === undefined) return skip();
      const file = fileOf("numbers.csv", "text/csv", "a,b\n1,2\n");
      const text = "here they are";
      const reply = replyTo(await asked("echo a"), text, { body: { text, tone: "info", files: [file.reference] } });
      await say(reply, new Map([[file.reference.object, file.bytes]]));
      expect(await stage.files()).toEqual([{ name: "numbers.csv", bytes: file.bytes }]);
      expect((await stage.shown()).join("\n")).toContain(text);
    });

    it("says what only one person may see to that person alone", async ({ skip }) => {
      if (adapter.capabilities.ephemeral === "none" || stage.shownAlone === undefined) return skip();
      const message = await asked("echo a");
      await say(replyTo(message, "between us", { only: message.author.id }));
      expect(await stage.shownAlone()).toEqual([expect.stringContaining("between us")]);
      expect(await stage.shown()).toEqual([]);
    });

    it("keeps a file that comes with a message", async ({ skip }) => {
      if (stage.sendFile === undefined) return skip();
      const { bytes, reference } = fileOf("notes.txt", "text/plain", "to be counted\n");
      const { message, inbox } = await listening(async () => stage.sendFile?.("count", { name: "notes.txt", type: "text/plain", bytes }));
      expect(message.content).toMatchObject({ text: "count", files: [{ name: "notes.txt", object: reference.object }] });
      expect(inbox.kept.get(reference.object)).toEqual(bytes);
    });

    it("hears that a message was reworded", async ({ skip }) => {
      if (stage.editLast === undefined) return skip();
      const { message, next } = await listening(() => stage.say("echo a"));
      await stage.editLast("echo b");
      const { edited } = await next("edited");
      expect(MessageEdited.parse(edited)).toMatchObject({
        original: { key: message.key, sentAt: message.sentAt },
        message: { content: { text: "echo b" }, replyTo: message.replyTo, author: { id: message.author.id } },
      });
      expect(edited.message?.key).toBe(edited.key);
      expect(edited.key).not.toBe(message.key);
    });

    it("hears that a message was taken back", async ({ skip }) => {
      if (stage.deleteLast === undefined) return skip();
      const { message, next } = await listening(() => stage.say("echo a"));
      await stage.deleteLast();
      const { deleted } = await next("deleted");
      expect(MessageDeleted.parse(deleted)).toMatchObject({ original: { key: message.key, sentAt: message.sentAt } });
    });

    it("hears a reaction, and that it was taken back", async ({ skip }) => {
      if (stage.react === undefined) return skip();
      const { message, next } = await listening(() => stage.say("echo a"));
      for (const added of [true, false]) {
        await stage.react("🛑", added);
        const { reacted } = await next("reacted");
        expect(MessageReacted.parse(reacted)).toMatchObject({
          original: { key: message.key, sentAt: message.sentAt },
          by: { id: message.author.id },
          emoji: "🛑",
          added,
        });
      }
    });

    it("hears later what was said while nobody listened", async ({ skip }) => {
      if (adapter.capabilities.catchUp === "none") return skip();
      const { inbox } = await listening(() => stage.say("echo heard"));
      await expect.poll(() => inbox.marked.size, { timeout: 20_000 }).toBeGreaterThan(0);
      await adapter.disconnect();
      await stage.say("echo missed");
      adapter = await stage.adapter();
      const ears = createEars(inbox);
      await adapter.connect(ears.inbox);
      let text = "";
      while (text !== "echo missed") text = (await ears.next("message")).message.content.text;
      expect(ears.inbox.heard.every((one) => one.kind === "message")).toBe(true);
    });

    it("says no when there is nowhere to say it", async ({ skip }) => {
      if (stage.nowhere === undefined) return skip();
      expect(await post(replyTo(await asked("echo a"), "lost", { to: stage.nowhere }))).toMatchObject({ kind: "refused" });
    });

    it("knows that nothing was said when it is turned away", async ({ skip }) => {
      if (stage.turnAway === undefined) return skip();
      const message = await asked("echo a");
      stage.turnAway();
      expect(await post(replyTo(message, "later"))).toMatchObject({ kind: "unavailable" });
      expect(await stage.shown()).toEqual([]);
    });

    it("is unsure when the answer is lost, and finds what stands", async ({ skip }) => {
      if (stage.loseAnswer === undefined || adapter.find === undefined) return skip();
      const reply = replyTo(await asked("echo a"), "once");
      const since = new Date().toISOString();
      stage.loseAnswer();
      expect(await post(reply)).toMatchObject({ kind: "unsure" });
      expect(await adapter.find(firstOf(reply), { ...placeOf(reply), since })).toMatchObject({ kind: "sent" });
      expect(await stage.shown()).toHaveLength(1);
    });

    it("is unsure when the request is lost, finds that nothing stands, and says it once", async ({ skip }) => {
      if (stage.loseRequest === undefined || adapter.find === undefined) return skip();
      const reply = replyTo(await asked("echo a"), "not yet");
      const since = new Date().toISOString();
      stage.loseRequest();
      expect(await post(reply)).toMatchObject({ kind: "unsure" });
      expect(await adapter.find(firstOf(reply), { ...placeOf(reply), since })).toEqual({ kind: "not-there" });
      expect(await post(reply, true)).toMatchObject({ kind: "sent" });
      expect(await stage.shown()).toHaveLength(1);
    });

    it("does not take another reply in the same place for the one it looks for", async ({ skip }) => {
      if (adapter.find === undefined) return skip();
      const message = await asked("echo a");
      const since = new Date().toISOString();
      await say(replyTo(message, "first"));
      const other = replyTo(message, "second", { key: `${message.key}#1` });
      expect(await adapter.find(firstOf(other), { ...placeOf(other), since })).toEqual({ kind: "not-there" });
    });

    it("leaves with the platform what could not be stored", async ({ skip }) => {
      if (stage.unacknowledged === undefined) return skip();
      const tried = Promise.withResolvers<void>();
      await adapter.connect(
        testInbox({
          receive() {
            tried.resolve();
            throw new Error("no room");
          },
        }),
      );
      await stage.say("echo a");
      await tried.promise;
      expect(await stage.unacknowledged()).toBe(1);
    });
  });
}

type HeardOf<Kind extends Heard["kind"]> = Extract<Heard, { kind: Kind }>;

/** An inbox whose news can be waited for, kind by kind, each once. `earlier`: the inbox whose marks it has. */
function createEars(earlier?: TestInbox) {
  const waiting: Heard[] = [];
  let wake = Promise.withResolvers<void>();
  const inbox = testInbox({
    marked: earlier?.marked,
    receive(one) {
      waiting.push(one);
      wake.resolve();
    },
  });
  const next = async <Kind extends Heard["kind"]>(kind: Kind): Promise<HeardOf<Kind>> => {
    for (;;) {
      const at = waiting.findIndex((one) => one.kind === kind);
      const [found] = at < 0 ? [] : waiting.splice(at, 1);
      if (found !== undefined) return found as HeardOf<Kind>;
      wake = Promise.withResolvers<void>();
      await wake.promise;
    }
  };
  return { inbox, next };
}

function fileOf(name: string, type: string, text: string) {
  const bytes = new TextEncoder().encode(text);
  const object = createHash("sha256").update(bytes).digest("hex");
  return { bytes, reference: { name, type, bytes: bytes.byteLength, object } };
}

function refOf(result: SendResult): string {
  if (result.kind !== "sent") throw new Error(`not sent: ${result.kind} (${result.why})`);
  return result.ref;
}
