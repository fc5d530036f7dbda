import { mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeApiKey } from "@bellhop/api";
import { buckets } from "@bellhop/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { platformNames, type Platform, type Shown } from "../platforms.ts";
import type { Prompt } from "../stage.ts";
import { startTeam, type Team } from "../team.ts";
import { until } from "../until.ts";
import { chatPack, corePack, selfhealPack } from "./packs.ts";
import { isAsShown, readPage, shellIn } from "./page.ts";
import { freePort } from "../free-port.ts";

const page = readPage("selfheal.md");
const disks = mkdtempSync(join(tmpdir(), "bellhop-disks-"));
/** A key of a monitor's own. */
const alertmanager = makeApiKey({ name: "alertmanager", scopes: ["webhooks:alertmanager"], by: "test", at: new Date().toISOString() });

let team: Team;
let prompt: Prompt;
let shell: (line: string) => Promise<string>;
let webhook = "";

beforeAll(async () => {
  const port = await freePort();
  webhook = `http://127.0.0.1:${port}/v1/webhooks/alertmanager`;
  const shown = JSON.stringify(page.config)
    .replaceAll("http://127.0.0.1:8080", `http://127.0.0.1:${port}`)
    .replaceAll("/tmp/selfheal", disks);
  const { packConfig, ...rest } = JSON.parse(shown) as { packConfig: { selfheal: { targets: Record<string, object> } } };
  for (const name of ["db-1", "db-2"]) packConfig.selfheal.targets[name] = { path: join(disks, name), clean: ["logs"], quota: 10 };
  const config = (chats: readonly Platform[]) => ({
    ...rest,
    packConfig,
    rooms: { ops: chats.map((chat) => `${chat.name}:${chat.roomId("ops")}`) },
    api: { listen: port },
  });
  team = await startTeam({ factor: 1, packs: [corePack, chatPack, selfhealPack], rooms: ["ops"], config });
  const { stage } = team;
  stage.start("api-1");
  shell = shellIn(stage.folder, { NATS_URL: stage.nats.url, BELLHOP_FOLDER: join(stage.folder, "home") });
  await stage.bus.bucket(buckets.apiKey).create(alertmanager.key.id, alertmanager.key);
  for (const { typed } of page.commands("A key")) await shell(typed);
  prompt = stage.prompt();
  await until(async () => (await posted([]).catch(() => 0)) === 202);
});
afterAll(async () => {
  await team.end();
  rmSync(disks, { recursive: true, force: true });
});

test("a disk that is full is healed, and every room has one message of it, which reads as the page shows it in the end", async () => {
  const [simulated, status] = page.said("One is full");
  await answers(simulated);
  await everyRoomReads("web-1", page.seen("One is full")[0]);
  await answers(status);
  for (const name of platformNames) expect(messages(name, "web-1")).toMatchObject([{ edited: true }]);
});

test("within the cooldown it is not healed again, and every room is told why", async () => {
  for (const said of page.said("Again")) await answers(said);
  await everyRoomReads("web-1", page.seen("Again")[0]);
  for (const name of platformNames) expect(messages(name, "web-1")).toHaveLength(2);
});

test("where cleaning up is not enough, a button on one platform goes on, and all of them show it", async () => {
  for (const said of page.said("A stubborn one")) await answers(said);
  const card = (name: (typeof platformNames)[number]) =>
    team
      .chat(name)
      .seenBy("ana")
      .find(({ text }) => text.includes("The disk of web-2") && text.includes("not enough"));
  for (const name of platformNames) await until(() => card(name) !== undefined, { instead: () => textsIn(name) });
  const [discord, shown] = [team.chat("discord"), card("discord")];
  await until(async () => shown !== undefined && (await discord.press(shown, "Clean more")), { instead: () => textsIn("discord") });
  await everyRoomReads("web-2", page.seen("A stubborn one")[0]);
  for (const name of platformNames) {
    await until(() => card(name)?.text.includes("Answered by") === true, { instead: () => textsIn(name) });
    expect(messages(name, "web-2").filter(({ text }) => text.includes("healed"))).toHaveLength(1);
  }
});

test("what is muted is counted in the message of its mute, and nobody hears more of it", async () => {
  const [mute, unmute] = page.said("Quiet");
  await answers(mute);
  const before = platformNames.map((name) => messages(name, "web-2").length);
  expect(await posted([alertOf("web-2", "f00d-quiet")])).toBe(202);
  for (const name of platformNames) await until(() => textsIn(name).some((text) => text.includes("Kept quiet: 1 alert.")));
  await answers(unmute);
  for (const name of platformNames) await until(() => textsIn(name).some((text) => plain(text).includes("web-2 is not muted any more")));
  expect(platformNames.map((name) => messages(name, "web-2").length)).toEqual(before);
});

test("each alert of a group is healed once, however often the group is sent and whatever is killed", async () => {
  const { stage } = team;
  const targets = ["db-1", "db-2"];
  for (const target of targets) fill(target);
  const group = targets.map((instance) => alertOf(`${instance}:9100`, `f00d-${instance}`));
  expect(await Promise.all([posted(group), posted(group)])).toEqual([202, 202]);
  await until(() => messages("slack", "db-1").length > 0, { instead: () => textsIn("slack") });
  await stage.kill("engine-1");
  stage.start("engine-1");
  expect(await posted(group)).toBe(202);
  for (const target of targets) await everyRoomReads(target, "Waiting for the alert to resolve.");
  expect(await posted(group.map((alert) => ({ ...alert, status: "resolved", endsAt: "2026-11-22T14:05:00Z" })))).toBe(202);
  for (const target of targets) {
    await everyRoomReads(target, "is healed: 97 % before, 73 % now. The alert has resolved.");
    for (const name of platformNames) expect(messages(name, target)).toHaveLength(1);
  }
  const healed = (await stage.logs()).flatMap(({ state }) => (state?.action === "selfheal.heal" ? [state] : []));
  expect(healed.filter(({ rule }) => rule !== undefined)).toHaveLength(6);
});

test("what happened is told as the page tells it", async () => {
  for (const { typed, shown } of page.commands("What happened")) {
    let printed = "";
    // The history follows a moment later.
    await until(async () => isAsShown((printed = await shell(typed)), shown), { everyMs: 500, instead: () => printed });
  }
});

/** Says a line of the page at the prompt, and is answered as the page shows it. */
async function answers(said: { typed: string; shown: string } | undefined): Promise<void> {
  if (said === undefined) throw new Error("the page has no such line");
  const before = prompt.shown.length;
  prompt.say(said.typed);
  await until(() => prompt.shown.length > before, { instead: () => prompt.shown });
  // The page does not know of the targets that are ours alone.
  const text = prompt.shown.at(-1)?.text.replaceAll(/^\| db-.*\n?/gm, "") ?? "";
  expect(isAsShown(text, said.shown), JSON.stringify(prompt.shown.at(-1))).toBe(true);
}

/** Waits until the last message about a target has these words in every room, with what only markup needs left out. */
async function everyRoomReads(target: string, words = "nothing"): Promise<void> {
  const lines = words.trim().split("\n");
  for (const name of platformNames) {
    const reads = () => {
      const text = plain(messages(name, target).at(-1)?.text ?? "");
      return lines.every((line) => line.split("…").every((part) => text.includes(plain(part).trim())));
    };
    await until(reads, { instead: () => textsIn(name) });
  }
}

/** What the bot said of a target in the room itself; cards stand in threads below it. */
function messages(name: (typeof platformNames)[number], target: string): Shown[] {
  const all = team.chat(name).seenBy("ana");
  return all.filter(({ text }) => plain(text).includes(`The disk of ${target} `) && !text.includes("not enough"));
}

function textsIn(name: (typeof platformNames)[number]): string[] {
  return team
    .chat(name)
    .seenBy("ana")
    .map(({ text }) => text);
}

function plain(text: string): string {
  return text.replaceAll(/\*+|^[-•] /gm, "");
}

/** Twenty hours of logs, 97 per cent of a quota of ten megabytes. */
function fill(target: string): void {
  const logs = join(disks, target, "logs");
  mkdirSync(logs, { recursive: true });
  for (let hour = 2; hour < 22; hour += 1) {
    const file = join(logs, `${hour}.log`);
    const at = new Date(Date.now() - hour * 3_600_000);
    writeFileSync(file, "");
    truncateSync(file, 485_000);
    utimesSync(file, at, at);
  }
}

function alertOf(instance: string, fingerprint: string) {
  const [startsAt, endsAt] = ["2026-11-22T14:00:00Z", "0001-01-01T00:00:00Z"];
  const labels = { alertname: "NodeFilesystemAlmostOutOfSpace", instance };
  return { status: "firing", labels, annotations: {}, startsAt, endsAt, fingerprint };
}

/** As Alertmanager posts a group. @returns the status of the answer */
async function posted(alerts: readonly object[]): Promise<number> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${alertmanager.text}` };
  const body = JSON.stringify({ version: "4", groupKey: "{}", status: "firing", receiver: "bellhop", alerts });
  return (await fetch(webhook, { method: "POST", headers, body })).status;
}
