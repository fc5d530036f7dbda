import { MessagePressed, MessageSubmitted, pressId, type Choices, type Form } from "@bellhop/contracts";
import { expect, it } from "vitest";
import { placeOf, type ContractScene } from "./contract-scene.ts";

const press = pressId("the contract");
const yesOrNo: Choices = {
  press,
  items: [
    { kind: "button", label: "Approve", style: "primary", words: "approve 7F3K" },
    { kind: "button", label: "Deny", style: "danger", words: "deny 7F3K" },
  ],
};
const regions: Choices = {
  press,
  items: [
    {
      kind: "select",
      label: "Where?",
      words: "answer 7F3K region=",
      options: ["eu", "us", "asia"].map((value) => ({ value, label: value.toUpperCase() })),
    },
  ],
};
const fillsIn: Choices = { press, items: [{ kind: "form", label: "Answer", words: "answer 7F3K reason=" }] };
const form: Form = {
  title: "Why?",
  fields: [
    { name: "reason", label: "Reason", required: true },
    { name: "size", label: "Size", required: false, options: ["small", "large"].map((value) => ({ value, label: value })) },
  ],
};

/** What an adapter lets people press. */
export function pressingCases(scene: ContractScene): void {
  const { listening, replyTo, firstOf, say } = scene;

  /** A person asked, and the bot answered with choices. */
  async function shown(choices: Choices, forms = new Map([[press, form]])) {
    const heard = await listening(() => scene.stage.say("deploy"), { forms });
    const card = replyTo(heard.message, "Deploy it?", { body: { text: "Deploy it?", tone: "info", choices } });
    const [ref = ""] = await say(card);
    return { ...heard, card, ref };
  }

  it("tells of each press, who pressed which choice of what", async ({ skip }) => {
    const { stage } = scene;
    if (stage.press === undefined) return skip();
    const { message, next } = await shown(yesOrNo);
    const keys = new Set<string>();
    for (const [choice, label] of ["Approve", "Deny"].entries()) {
      expect(await stage.press(label)).toBe(true);
      const { pressed } = await next("pressed");
      expect(MessagePressed.parse(pressed)).toMatchObject({
        platform: scene.adapter.platform,
        account: scene.adapter.account,
        press,
        choice,
        by: { id: message.author.id },
        conversation: { channel: message.conversation.channel, kind: message.conversation.kind },
        replyTo: { channel: message.replyTo.channel, message: expect.any(String) },
      });
      keys.add(pressed.key);
    }
    expect(keys.size).toBe(2);
  });

  it("tells which option was picked", async ({ skip }) => {
    const { stage } = scene;
    if (stage.press === undefined) return skip();
    const { next } = await shown(regions);
    await stage.press("US");
    expect((await next("pressed")).pressed).toMatchObject({ press, choice: 0, value: "us" });
  });

  it("hears a press of what was said before it was started anew", async ({ skip }) => {
    const { stage } = scene;
    if (stage.press === undefined) return skip();
    const { message } = await shown(yesOrNo);
    await scene.adapter.disconnect();
    await scene.beginAnew();
    const { next } = await listening(() => stage.say("status"));
    await stage.press("Deny");
    expect((await next("pressed")).pressed).toMatchObject({ press, choice: 1, by: { id: message.author.id } });
  });

  it("hears a press of what was offered only when it was reworded, by whoever rewords and whoever comes after", async ({ skip }) => {
    const { stage, adapter } = scene;
    if (stage.press === undefined || adapter.reword === undefined) return skip();
    const { message, next } = await listening(() => stage.say("deploy"));
    const [ref = ""] = await say(replyTo(message, "at work"));
    const offered = replyTo(message, "failed", { revision: 2, body: { text: "failed", tone: "error", choices: yesOrNo } });
    expect(await adapter.reword(firstOf(offered), { ...placeOf(offered), ref })).toMatchObject({ kind: "sent" });
    await stage.press("Approve");
    expect((await next("pressed")).pressed).toMatchObject({ press, choice: 0 });
    await adapter.disconnect();
    await scene.beginAnew();
    const later = await listening(() => stage.say("status"));
    await stage.press("Deny");
    expect((await later.next("pressed")).pressed).toMatchObject({ press, choice: 1 });
  });

  it("shows no choices any more once what stands is reworded without them", async ({ skip }) => {
    const { stage, adapter } = scene;
    if (stage.press === undefined || adapter.reword === undefined) return skip();
    const { message, ref } = await shown(yesOrNo);
    expect(await stage.pressable?.()).toEqual(["Approve", "Deny"]);
    const done = replyTo(message, "Approved by ana.", { revision: 2 });
    expect(await adapter.reword(firstOf(done), { ...placeOf(done), ref })).toMatchObject({ kind: "sent" });
    if (adapter.capabilities.press === "native") expect(await stage.pressable?.()).toEqual([]);
    expect((await stage.shown()).at(-1)).toContain("Approved by ana.");
  });

  it("says the words that do the same, where there are no buttons", async ({ skip }) => {
    const { stage, adapter } = scene;
    if (adapter.capabilities.press === "native") return skip();
    await shown(yesOrNo);
    const text = (await stage.shown()).join("\n");
    expect(text).toContain("approve 7F3K");
    expect(text).toContain("deny 7F3K");
  });

  it("opens a form by itself, and tells what was filled in", async ({ skip }) => {
    const { stage } = scene;
    if (stage.press === undefined || stage.form === undefined || stage.submit === undefined) return skip();
    const { message, next, inbox } = await shown(fillsIn);
    expect(await stage.press("Answer")).toBe(true);
    expect(await stage.form()).toEqual({ title: "Why?", fields: ["Reason", "Size"] });
    expect(inbox.heard.filter(({ kind }) => kind === "pressed")).toEqual([]);
    expect(await stage.submit({ Reason: "it is Friday", Size: "large" })).toBe(true);
    const { submitted } = await next("submitted");
    expect(MessageSubmitted.parse(submitted)).toMatchObject({
      press,
      choice: 0,
      by: { id: message.author.id },
      fields: { reason: "it is Friday", size: "large" },
      conversation: { channel: message.conversation.channel },
    });
  });

  it("tells whoever presses for a form that is known no more", async ({ skip }) => {
    const { stage } = scene;
    if (stage.press === undefined || stage.form === undefined) return skip();
    await shown(fillsIn, new Map());
    await stage.press("Answer");
    expect(await stage.form()).toBeUndefined();
    await expect.poll(async () => (await stage.shownAlone?.())?.join("\n"), { timeout: 20_000 }).toContain("can't be answered any more");
  });

  it("does not say that a press was taken that could not be stored", async ({ skip }) => {
    const { stage } = scene;
    if (stage.press === undefined || scene.adapter.capabilities.press !== "native") return skip();
    await shown(yesOrNo);
    await scene.adapter.disconnect();
    await scene.beginAnew();
    const { inbox } = await listening(() => stage.say("status"), {
      receive: ({ kind }) => {
        if (kind === "pressed") throw new Error("no room");
      },
    });
    const pressing = stage.press("Approve");
    await expect.poll(() => inbox.heard.some(({ kind }) => kind === "pressed"), { timeout: 20_000 }).toBe(true);
    // What is said after it comes by the same road.
    await stage.say("status");
    await expect.poll(() => inbox.heard.filter(({ kind }) => kind === "message").length, { timeout: 20_000 }).toBe(2);
    expect(await Promise.race([pressing, Promise.resolve("not taken")])).toBe("not taken");
  });
}
