import { Message, MessageDeleted, MessageEdited, MessageReacted } from "@bellhop/contracts";
import { expect, it } from "vitest";
import { createEars, fileOf, placeOf, type ContractScene } from "./contract-scene.ts";
import { testInbox } from "./test-inbox.ts";

/** What an adapter hears. */
export function hearingCases(scene: ContractScene): void {
  const { asked, listening, replyTo, firstOf, say } = scene;

  it("makes a message of what a person asks", async () => {
    const { adapter } = scene;
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
    const { stage, adapter } = scene;
    const second = await stage.adapter();
    expect([second.platform, second.account]).toEqual([adapter.platform, adapter.account]);
    await second.disconnect();
  });

  it("passes over what is not for us", async ({ skip }) => {
    const { stage } = scene;
    if (stage.chat === undefined) return skip();
    await stage.chat("just talking");
    const message = await asked("echo next");
    expect(message.content.text).toBe("echo next");
  });

  it("does not hear itself", async () => {
    const { stage, adapter } = scene;
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

  it("keeps a file that comes with a message", async ({ skip }) => {
    const { stage } = scene;
    if (stage.sendFile === undefined) return skip();
    const { bytes, reference } = fileOf("notes.txt", "text/plain", "to be counted\n");
    const { message, inbox } = await listening(async () => stage.sendFile?.("count", { name: "notes.txt", type: "text/plain", bytes }));
    expect(message.content).toMatchObject({ text: "count", files: [{ name: "notes.txt", object: reference.object }] });
    expect(inbox.kept.get(reference.object)).toEqual(bytes);
  });

  it("hears that a message was reworded", async ({ skip }) => {
    const { stage } = scene;
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
    const { stage } = scene;
    if (stage.deleteLast === undefined) return skip();
    const { message, next } = await listening(() => stage.say("echo a"));
    await stage.deleteLast();
    const { deleted } = await next("deleted");
    expect(MessageDeleted.parse(deleted)).toMatchObject({ original: { key: message.key, sentAt: message.sentAt } });
  });

  it("hears a reaction, and that it was taken back", async ({ skip }) => {
    const { stage } = scene;
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
    if (scene.adapter.capabilities.catchUp === "none") return skip();
    const { inbox } = await listening(() => scene.stage.say("echo heard"));
    await expect.poll(() => inbox.marked.size, { timeout: 20_000 }).toBeGreaterThan(0);
    await scene.adapter.disconnect();
    await scene.stage.say("echo missed");
    await scene.beginAnew();
    const ears = createEars(inbox);
    await scene.adapter.connect(ears.inbox);
    let text = "";
    while (text !== "echo missed") text = (await ears.next("message")).message.content.text;
    expect(ears.inbox.heard.every((one) => one.kind === "message")).toBe(true);
  });

  it("leaves with the platform what could not be stored", async ({ skip }) => {
    const { stage, adapter } = scene;
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
}
