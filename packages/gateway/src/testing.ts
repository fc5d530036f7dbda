import { Message, type Address, type Receipt, type Send } from "@bellhop/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Adapter, SendResult } from "./adapter.ts";

/** A platform as people and the network see it: a fake, or the real thing. */
export interface Stage {
  /** Connects as one and the same account, each time anew. */
  adapter(): Promise<Adapter>;
  /** A person writes a command where the bot hears it, without the platform's way of calling: the stage adds that. */
  say(command: string): Promise<void>;
  /** A person writes something that is not for the bot. Absent where everything is. */
  chat?(text: string): Promise<void>;
  /** What people see of the bot, oldest first. */
  shown(): Promise<string[]>;
  /** Where nobody can be told anything. Absent where there is no such place. */
  nowhere?: Address;
  /** Messages that the platform does not know we have, counted when nothing is on its way any more. Absent where it never knows. */
  unacknowledged?(): Promise<number>;
  /** The next send is carried out, and its answer lost. */
  loseAnswer?(): void;
  /** The next send is lost, and its answer with it. */
  loseRequest?(): void;
  /** The next send is turned away for now. */
  turnAway?(): void;
  close(): Promise<void>;
}

/** The cases that every adapter passes: call it in the adapter's own test file. Cases about what a stage can't do are skipped. */
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
      const received = Promise.withResolvers<Message>();
      await adapter.connect({ receive: async (message) => received.resolve(message) });
      await stage.say(command);
      return received.promise;
    }

    function replyTo(message: Message, text: string, revision = 1): Send {
      const { platform, account } = adapter;
      return { v: 1, key: `${message.key}#0`, revision, platform, account, to: message.replyTo, body: { text, tone: "info" }, final: true };
    }

    const send = (reply: Send, edits?: string) => adapter.send(reply, { key: reply.key, edits });

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
      const result = await send(replyTo(await asked("echo a"), "the answer"));
      expect(result).toMatchObject({ kind: "sent", ref: expect.any(String) });
      expect(await stage.shown()).toEqual([expect.stringContaining("the answer")]);
    });

    it("does not hear itself", async () => {
      const heard: string[] = [];
      const last = Promise.withResolvers<void>();
      const first = Promise.withResolvers<Message>();
      await adapter.connect({
        async receive(message) {
          heard.push(message.content.text);
          if (message.content.text === "echo last") last.resolve();
          else first.resolve(message);
        },
      });
      await stage.say("echo first");
      await send(replyTo(await first.promise, "!echo again"));
      await stage.say("echo last");
      await last.promise;
      expect(heard).toEqual(["echo first", "echo last"]);
    });

    it("rewords what stands instead of saying it twice", async ({ skip }) => {
      if (!adapter.capabilities.edit) return skip();
      const message = await asked("echo a");
      const ref = refOf(await send(replyTo(message, "on it")));
      expect(await send(replyTo(message, "done", 2), ref)).toEqual({ kind: "sent", ref });
      expect(await stage.shown()).toEqual([expect.stringContaining("done")]);
    });

    it("says no when there is nowhere to say it", async ({ skip }) => {
      if (stage.nowhere === undefined) return skip();
      const reply = { ...replyTo(await asked("echo a"), "lost"), to: stage.nowhere };
      expect(await send(reply)).toMatchObject({ kind: "refused" });
    });

    it("knows that nothing was said when it is turned away", async ({ skip }) => {
      if (stage.turnAway === undefined) return skip();
      const message = await asked("echo a");
      stage.turnAway();
      expect(await send(replyTo(message, "later"))).toMatchObject({ kind: "unavailable" });
      expect(await stage.shown()).toEqual([]);
    });

    it("is unsure when the answer is lost, and finds what stands", async ({ skip }) => {
      if (stage.loseAnswer === undefined || adapter.resolve === undefined) return skip();
      const reply = replyTo(await asked("echo a"), "once");
      stage.loseAnswer();
      expect(await send(reply)).toMatchObject({ kind: "unsure" });
      expect(await adapter.resolve(reply, begun(reply))).toMatchObject({ kind: "sent" });
      expect(await stage.shown()).toHaveLength(1);
    });

    it("is unsure when the request is lost, and finds that nothing stands", async ({ skip }) => {
      if (stage.loseRequest === undefined || adapter.resolve === undefined) return skip();
      const reply = replyTo(await asked("echo a"), "not yet");
      stage.loseRequest();
      expect(await send(reply)).toMatchObject({ kind: "unsure" });
      expect(await adapter.resolve(reply, begun(reply))).toEqual({ kind: "not-there" });
    });

    it("does not take another reply in the same place for the one it looks for", async ({ skip }) => {
      if (adapter.resolve === undefined) return skip();
      const message = await asked("echo a");
      await send(replyTo(message, "first"));
      const other = { ...replyTo(message, "second"), key: `${message.key}#1` };
      expect(await adapter.resolve(other, begun(other))).toEqual({ kind: "not-there" });
    });

    it("leaves with the platform what could not be stored", async ({ skip }) => {
      if (stage.unacknowledged === undefined) return skip();
      const tried = Promise.withResolvers<void>();
      await adapter.connect({
        receive: async () => {
          tried.resolve();
          throw new Error("no room");
        },
      });
      await stage.say("echo a");
      await tried.promise;
      expect(await stage.unacknowledged()).toBe(1);
    });
  });
}

function refOf(result: SendResult): string {
  if (result.kind !== "sent") throw new Error(`not sent: ${result.kind} (${result.why})`);
  return result.ref;
}

function begun(send: Send): Receipt {
  return { v: 1, key: send.key, revision: send.revision, state: "sending", by: "gone/1", at: new Date().toISOString() };
}
