import { expect, it } from "vitest";
import { capabilityNames, type Capability } from "./adapter.ts";
import { fileOf, placeOf, type ContractScene } from "./contract-scene.ts";

/** What an adapter says. */
export function sayingCases(scene: ContractScene): void {
  const { asked, replyTo, firstOf, post, say, longReply } = scene;

  it("says what it can do, and does that", () => {
    const { adapter } = scene;
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

  it("shows a reply where it was asked", async () => {
    const { stage } = scene;
    expect(await say(replyTo(await asked("echo a"), "the answer"))).toEqual([expect.any(String)]);
    expect(await stage.shown()).toEqual([expect.stringContaining("the answer")]);
  });

  it("writes the same send the same way again", async () => {
    const { adapter } = scene;
    const message = await asked("echo a");
    for (const send of [replyTo(message, "**a** `b`"), longReply(message)?.send]) {
      if (send !== undefined) expect(adapter.write(structuredClone(send))).toEqual(adapter.write(send));
    }
  });

  it("says a long text in pieces that stand in order", async ({ skip }) => {
    const { stage, adapter } = scene;
    const long = longReply(await asked("echo a"));
    if (long === undefined) return skip();
    expect(await say(long.send)).toHaveLength(adapter.write(long.send).length);
    const shown = (await stage.shown()).join("\n");
    const numbers = [...shown.matchAll(/line (\d+) of/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: long.lines }, (_, at) => at + 1));
  });

  it("rewords what stands instead of saying it twice", async ({ skip }) => {
    const { stage, adapter } = scene;
    if (adapter.reword === undefined) return skip();
    const message = await asked("echo a");
    const [ref = ""] = await say(replyTo(message, "on it"));
    const done = replyTo(message, "done", { revision: 2 });
    expect(await adapter.reword(firstOf(done), { ...placeOf(done), ref })).toEqual({ kind: "sent", ref });
    expect(await adapter.reword(firstOf(done), { ...placeOf(done), ref })).toEqual({ kind: "sent", ref });
    expect(await stage.shown()).toEqual([expect.stringContaining("done")]);
  });

  it("takes back what it said, also when that is gone already", async ({ skip }) => {
    const { stage, adapter } = scene;
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
    const { stage, adapter } = scene;
    if (adapter.reword === undefined || adapter.remove === undefined) return skip();
    const message = await asked("echo a");
    const [ref = ""] = await say(replyTo(message, "on it"));
    const done = replyTo(message, "done", { revision: 2 });
    await adapter.remove({ ...placeOf(done), ref });
    expect(await adapter.reword(firstOf(done), { ...placeOf(done), ref })).toMatchObject({ kind: "refused", gone: true });
    expect(await stage.shown()).toEqual([]);
  });

  it("says below what stands what belongs there", async () => {
    const { stage, adapter } = scene;
    const message = await asked("echo a");
    const { thread: _, message: __, ...room } = message.replyTo;
    const above = { ...replyTo(message, "the door is open"), to: room };
    const [ref = ""] = await say(above);
    const below = {
      ...replyTo(message, "who is in?", { key: `${message.key}#1` }),
      to: adapter.below?.(ref, room) ?? { ...room, thread: ref },
    };
    expect(await say(below)).toEqual([expect.any(String)]);
    expect((await stage.shown()).toSorted()).toEqual([expect.stringContaining("the door is open"), expect.stringContaining("who is in?")]);
  });

  it("puts a reaction on what it answers, and takes it back", async ({ skip }) => {
    const { stage, adapter } = scene;
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
    const { stage, adapter } = scene;
    if (adapter.type === undefined || stage.typing === undefined) return skip();
    await adapter.type((await asked("echo a")).replyTo);
    expect(await stage.typing()).toBe(true);
  });

  it("shows a file with its name", async ({ skip }) => {
    const { stage, adapter } = scene;
    if (adapter.capabilities.file === "none" || stage.files === undefined) return skip();
    const file = fileOf("numbers.csv", "text/csv", "a,b\n1,2\n");
    const text = "here they are";
    const reply = replyTo(await asked("echo a"), text, { body: { text, tone: "info", files: [file.reference] } });
    await say(reply, new Map([[file.reference.object, file.bytes]]));
    expect(await stage.files()).toEqual([{ name: "numbers.csv", bytes: file.bytes }]);
    expect((await stage.shown()).join("\n")).toContain(text);
  });

  it("says what only one person may see to that person alone", async ({ skip }) => {
    const { stage, adapter } = scene;
    if (adapter.capabilities.ephemeral === "none" || stage.shownAlone === undefined) return skip();
    const message = await asked("echo a");
    await say(replyTo(message, "between us", { only: message.author.id }));
    expect(await stage.shownAlone()).toEqual([expect.stringContaining("between us")]);
    expect(await stage.shown()).toEqual([]);
  });

  it("says no when there is nowhere to say it", async ({ skip }) => {
    const { stage } = scene;
    if (stage.nowhere === undefined) return skip();
    expect(await post(replyTo(await asked("echo a"), "lost", { to: stage.nowhere }))).toMatchObject({ kind: "refused" });
  });

  it("knows that nothing was said when it is turned away", async ({ skip }) => {
    const { stage } = scene;
    if (stage.turnAway === undefined) return skip();
    const message = await asked("echo a");
    stage.turnAway();
    expect(await post(replyTo(message, "later"))).toMatchObject({ kind: "unavailable" });
    expect(await stage.shown()).toEqual([]);
  });

  it("is unsure when the answer is lost, and finds what stands", async ({ skip }) => {
    const { stage, adapter } = scene;
    if (stage.loseAnswer === undefined || adapter.find === undefined) return skip();
    const reply = replyTo(await asked("echo a"), "once");
    const since = new Date().toISOString();
    stage.loseAnswer();
    expect(await post(reply)).toMatchObject({ kind: "unsure" });
    expect(await adapter.find(firstOf(reply), { ...placeOf(reply), since })).toMatchObject({ kind: "sent" });
    expect(await stage.shown()).toHaveLength(1);
  });

  it("is unsure when the request is lost, finds that nothing stands, and says it once", async ({ skip }) => {
    const { stage, adapter } = scene;
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
    const { adapter } = scene;
    if (adapter.find === undefined) return skip();
    const message = await asked("echo a");
    const since = new Date().toISOString();
    await say(replyTo(message, "first"));
    const other = replyTo(message, "second", { key: `${message.key}#1` });
    expect(await adapter.find(firstOf(other), { ...placeOf(other), since })).toEqual({ kind: "not-there" });
  });
}
