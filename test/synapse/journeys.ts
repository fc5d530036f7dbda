import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { corePack, storiesPack } from "../journeys/packs.ts";
import { startStage, type Stage } from "../stage.ts";
import { startSynapse, type Account, type Synapse } from "./homeserver.ts";
import { personOf, type Person, type Shown } from "./person.ts";

/** The shipped processes and a real Synapse, which limits the bot as it limits everybody: after ten things said, one in five seconds. */
let synapse: Synapse;
let stage: Stage;
let bot: Account;
let ana: Person;
let ben: Person;
let cara: Person;
let ops: string;
let dev: string;
let direct: string;

beforeAll(async () => {
  [synapse, stage] = await Promise.all([
    startSynapse(process.env.BELLHOP_SYNAPSE_ROOT ?? ""),
    startStage({ factor: 1, packs: [corePack, storiesPack] }),
  ]);
  bot = await synapse.register("bellhop");
  ana = personOf(await synapse.register("ana", { unlimited: true }));
  ben = personOf(await synapse.register("ben", { unlimited: true }));
  cara = personOf(await synapse.register("cara", { unlimited: true }));
  stage.configure({ owners: [`matrix:${ana.id}`, `matrix:${cara.id}`] });
  stage.start("engine-1");
  stage.start("runner-1");
  start();
  [ops, dev] = [
    await ana.createRoom({ name: "ops", invite: [bot.id, ben.id, cara.id] }),
    await ana.createRoom({ name: "dev", invite: [bot.id] }),
  ];
  direct = await ana.createRoom({ invite: [bot.id], direct: true });
  for (const person of [ben, cara]) await person.join(ops);
  for (const room of [ops, dev, direct]) await until(async () => (await ana.members(room)).includes(bot.id) || undefined);
});

afterAll(async () => {
  await stage.end();
  await synapse.stop();
});

test("a command is answered in a thread under itself", async () => {
  const event = await ana.say(ops, "!echo hello");
  expect(await answers(ops, event, 1)).toMatchObject([{ text: "hello", thread: event }]);
});

test("a command within a thread is answered there", async () => {
  const root = await ana.say(ops, "shall we?");
  await ana.say(ops, "!echo in here", { thread: root });
  expect(await answers(ops, root, 1)).toMatchObject([{ text: "in here" }]);
});

test("a direct message needs no prefix, and is answered where it stands", async () => {
  await ana.say(direct, "echo psst");
  expect(await said(direct, ({ text }) => text === "psst", 1)).toMatchObject([{ thread: undefined }]);
});

test("a stranger is refused", async () => {
  const event = await ben.say(ops, "!echo may I?");
  expect(await answers(ops, event, 1)).toMatchObject([{ text: expect.stringMatching(/may not run core\.echo/) }]);
});

test("a command that is corrected is answered in the place of the first answer", async () => {
  const event = await ana.say(dev, "!ecko hello");
  const [first] = await answers(dev, event, 1);
  await ana.edit(dev, event, "!echo corrected");
  const [corrected] = await until(async () => {
    const found = (await ana.sees(dev)).filter((message) => message.by === bot.id && message.text === "corrected");
    return found.length > 0 ? found : undefined;
  });
  expect(corrected).toMatchObject({ event: first?.event, edited: true, thread: event });
});

test("a table is shown as a table", async () => {
  const event = await ana.say(dev, "!measure");
  const [table] = await answers(dev, event, 1);
  expect(table?.html).toMatch(/<th>host<\/th><th>load<\/th>.*<td>web-1<\/td><td>0\.5<\/td>/);
});

test("a long answer loses no word", async () => {
  const event = await ana.say(dev, "!count to 1500");
  const counted = async () => {
    const shown = (await ana.sees(dev)).filter((message) => message.by === bot.id && message.thread === event);
    const whole = shown.flatMap(({ text, files }) =>
      files.length > 0 ? files.map(({ bytes }) => new TextDecoder().decode(bytes)) : [text],
    );
    return new Set(whole.join("\n").match(/line number \d+ of/g) ?? []);
  };
  expect(await until(async () => ((await counted()).size >= 1_500 ? await counted() : undefined))).toHaveLength(1_500);
});

test("a file that comes with a command reaches its action, and one that an action makes is shown", async () => {
  const content = new TextEncoder().encode("host,load\nweb-1,0.5\n");
  const event = await ana.say(ops, "!file info", { file: { name: "load.csv", type: "text/csv", content } });
  expect(await answers(ops, event, 1)).toMatchObject([{ html: expect.stringContaining("load.csv") }]);
  const asked = await ana.say(ops, "!attach notes.txt all is well");
  const [file] = await until(async () => {
    const found = (await ana.sees(ops)).filter((message) => message.thread === asked && message.files.length > 0);
    return found.length > 0 ? found : undefined;
  });
  expect(file?.files.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes).trim()])).toEqual([["notes.txt", "all is well"]]);
});

test("a command that takes its time is acknowledged by a reaction, which is gone when the answer is there", async () => {
  const gate = join(stage.folder, "gate");
  const event = await ana.say(ops, `!wait for ${gate}`);
  const reactions = async () => (await ana.sees(ops)).find((message) => message.event === event)?.reactions ?? [];
  const [reaction] = await until(async () => ((await reactions()).length > 0 ? await reactions() : undefined));
  expect(reaction?.by).toBe(bot.id);
  writeFileSync(gate, "");
  await answers(ops, event, 1);
  await until(async () => (await reactions()).length === 0 || undefined);
});

test("a reaction of the one who asked cancels a command", async () => {
  const event = await ana.say(dev, "!wait for /nowhere");
  await until(async () => (await ana.sees(dev)).some((message) => message.event === event && message.reactions.length > 0) || undefined);
  await ana.react(dev, event, "❌");
  expect(await answers(dev, event, 1)).toMatchObject([{ text: expect.stringMatching(/cancel/i) }]);
});

test("a whisper is for the one who asked alone, in a room that the bot invites them to", async () => {
  await cara.say(ops, "!whisper only for cara");
  const room = await until(async () => (await cara.invitations(bot.id))[0]);
  await cara.join(room);
  const whispered = async (person: Person, where: string) =>
    (await person.sees(where)).filter(({ by, text }) => by === bot.id && text.includes("only for cara"));
  await until(async () => (await whispered(cara, room)).length > 0 || undefined);
  expect([(await cara.members(room)).sort(), await whispered(ana, ops)]).toEqual([[bot.id, cara.id].sort(), []]);
});

test("what was said in two rooms and a new one while the gateway was dead is answered once each", async () => {
  await stage.kill("matrix-1");
  const inOps = await ana.say(ops, "!echo ops meanwhile");
  const inDev = await ana.say(dev, "!echo dev meanwhile");
  const fresh = await ana.createRoom({ name: "fresh", invite: [bot.id] });
  const inFresh = await ana.say(fresh, "!echo fresh meanwhile");
  const gone = await ana.say(ops, "!ecko meanwhile");
  await ana.edit(ops, gone, "!echo edited meanwhile");
  start();
  expect(await answers(ops, inOps, 1)).toMatchObject([{ text: "ops meanwhile" }]);
  expect(await answers(dev, inDev, 1)).toMatchObject([{ text: "dev meanwhile" }]);
  expect(await answers(fresh, inFresh, 1)).toMatchObject([{ text: "fresh meanwhile" }]);
  await until(async () => (await ana.sees(ops)).some(({ text, thread }) => thread === gone && text === "edited meanwhile") || undefined);
  const last = await ana.say(ops, "!echo last");
  await answers(ops, last, 1);
  for (const [room, event] of [
    [ops, inOps],
    [dev, inDev],
    [fresh, inFresh],
    [ops, gone],
  ] as const)
    expect((await ana.sees(room)).filter(({ by, thread }) => by === bot.id && thread === event)).toHaveLength(1);
});

function start(): void {
  stage.start("matrix-1", { env: { BELLHOP_MATRIX_HOMESERVER: synapse.url, BELLHOP_MATRIX_TOKEN: bot.token } });
}

/** What the bot said in the thread under an event, once there is so much. */
async function answers(room: string, thread: string, count: number): Promise<Shown[]> {
  return await said(room, (message) => message.thread === thread, count);
}

async function said(room: string, fits: (message: Shown) => boolean, count: number): Promise<Shown[]> {
  return await until(async () => {
    const found = (await ana.sees(room)).filter((message) => message.by === bot.id && fits(message));
    return found.length >= count ? found : undefined;
  });
}

/** Resolves with the first look that finds something. */
async function until<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
  const since = performance.now();
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() - since > 200_000) throw new Error(`not within 200 s: ${String(look)}`);
    await wait(300);
  }
}
