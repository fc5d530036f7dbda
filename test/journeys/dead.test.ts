import { spawn } from "node:child_process";
import { join } from "node:path";
import { connectBus, several, type ConsumeOptions } from "@bellhop/bus";
import { durables, problem, scaled, shards, subjects } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openPlatform, type Platform, type Said } from "../platforms.ts";
import { startStage, type PartName, type Stage } from "../stage.ts";
import { corePack } from "./packs.ts";
import { patience, until } from "../until.ts";

const bellhop = join(import.meta.dirname, "..", "..", "apps", "cli", "src", "main.ts");
/** Short enough to be outlived. */
const windowMs = 2_000;

let stage: Stage;
let chat: Platform;
beforeAll(async () => {
  chat = await openPlatform("slack", { rooms: ["ops"] });
  stage = await startStage({ factor: 0.2, packs: [corePack] });
  await withDurations({ duplicateWindow: windowMs, duplicateWindowReceived: windowMs }, async (bus) => await bus.setUp());
  stage.configure({ owners: [chat.identity("ana")] });
  stage.start("engine-1");
  stage.start("runner-1");
  stage.start("slack-1", { env: { ...chat.env } });
  await until(() => chat.connections() > 0);
});
afterAll(async () => {
  await stage.end();
  await chat.close();
});
beforeEach(async () => {
  expect(await letters()).toEqual([]);
});

interface Listed {
  number: number;
  stream: string;
  /** Epoch milliseconds. */
  at: number;
}

async function dead(...args: string[]): Promise<{ code: number | null; out: string }> {
  const env = { PATH: process.env.PATH, HOME: stage.folder, BELLHOP_FOLDER: join(stage.folder, "home"), NATS_URL: stage.nats.url };
  const child = spawn(process.execPath, [bellhop, "dead", ...args], { cwd: stage.folder, env, stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (out += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out };
}

async function letters(): Promise<Listed[]> {
  return await stage.bus.dead.list(({ number, stream, at }) => ({ number, stream, at }));
}

async function letter(stream: string): Promise<Listed> {
  await expect.poll(async () => (await letters()).map((one) => one.stream), { timeout: patience }).toEqual([stream]);
  return (await letters())[0]!;
}

/** Something goes wrong while nobody of that kind is there, again and again: what waits is handed out so often that it must be what kills its handlers. */
async function deadly(part: PartName, what: () => Promise<void>): Promise<void> {
  await stage.stop(part);
  await what();
  await withDurations({}, async (bus) => {
    let deliveries = 0;
    const giveBack = (options: Pick<ConsumeOptions<object>, "subject" | "stream" | "filter" | "durable">) =>
      bus.consume({
        ...options,
        concurrency: 1,
        keyOf: () => "all",
        retry: "anywhere",
        async handle(_, delivery) {
          deliveries = Math.max(deliveries, delivery.deliveries);
          throw problem("platform_unavailable", { platform: "test", why: "it is given back" });
        },
      });
    // As the parts have them: with another filter the server would forget how often it delivered.
    if (part === "runner-1") await giveBack({ ...durables.pool("default"), subject: subjects.action.requested });
    else for (const shard of shards) await giveBack({ ...durables.message(shard), subject: several(heard) });
    await until(() => deliveries > 20);
  });
  stage.start(part);
}

async function withDurations(overrides: Parameters<typeof scaled>[1], work: (bus: Stage["bus"]) => Promise<void>): Promise<void> {
  const durations = overrides !== undefined && Object.keys(overrides).length > 0 ? scaled(1, overrides) : scaled(0.01);
  const bus = await connectBus({ url: stage.nats.url, name: "dead", durations, log: silentLog });
  await work(bus);
  await bus.drain();
}

const { received, edited, deleted, reacted } = subjects.message;
const heard = { received, edited, deleted, reacted };
const textsOf = (said: Said) => said.answers().map(({ text }) => text);
const told = /handlers died/;
/** Ana's id on the platform. */
const ana = () => chat.identity("ana").split("/").at(-1) ?? "";

describe.each(["within", "after"])("replayed %s the time in which repeats are dropped", (when) => {
  async function due({ at }: Listed): Promise<void> {
    if (when === "after") await until(() => Date.now() - at > windowMs * 1.5);
  }

  test("a request whose runners died is told to who asked, and done after all", async () => {
    let said: Said | undefined;
    await deadly("runner-1", async () => {
      said = await chat.say({ text: `!echo done ${when}` });
    });
    const asked = said!;
    await until(() => textsOf(asked).some((text) => told.test(text)), { instead: () => textsOf(asked) });
    const { number, ...found } = await letter("ACTION");
    expect((await dead("list")).out).toMatch(
      new RegExp(`^${number} .*ACTION +action\\.requested\\.default.*handlers died.*${ana()} in slack:`, "m"),
    );
    expect((await dead("show", String(number))).out).toMatch(/core\.echo/);
    await due({ number, ...found });
    expect(await dead("replay", String(number))).toMatchObject({ code: 0, out: expect.stringContaining("as run") });
    await until(() => textsOf(asked).some((text) => text === `done ${when}`), { instead: () => textsOf(asked) });
    // Besides, they may have been told that no runner was there.
    expect(textsOf(asked).filter((text) => text.includes(`done ${when}`))).toHaveLength(1);
  });

  test("an edit whose engines died is told to who wrote it, and taken after all", async () => {
    const asked = await chat.say({ text: `!ecko said ${when}` });
    await until(() => textsOf(asked).length === 1);
    await deadly("engine-1", async () => await asked.edit(`!echo said ${when}`));
    await until(() => textsOf(asked).some((text) => told.test(text)), { instead: () => textsOf(asked) });
    const { number, ...found } = await letter("MESSAGE");
    expect((await dead("list")).out).toMatch(
      new RegExp(`^${number} .*MESSAGE +message\\.edited\\..*handlers died.*${ana()} in slack:`, "m"),
    );
    expect((await dead("show", String(number))).out).toContain(`echo said ${when}`);
    await due({ number, ...found });
    expect(await dead("replay", String(number))).toMatchObject({ code: 0 });
    await until(() => textsOf(asked).includes(`said ${when}`), { instead: () => textsOf(asked) });
  });
});

test("what is dropped is not done, and nobody hears of it again", async () => {
  let said: Said | undefined;
  await deadly("runner-1", async () => {
    said = await chat.say({ text: "!echo never" });
  });
  const asked = said!;
  const { number } = await letter("ACTION");
  expect(await dead("drop", String(number), "--yes")).toMatchObject({ code: 0 });
  expect(await letters()).toEqual([]);
  const last = await chat.say({ text: "!echo last" });
  await until(() => textsOf(last).includes("last"));
  expect(textsOf(asked).some((text) => told.test(text))).toBe(true);
  expect(textsOf(asked)).not.toContain("never");
});
