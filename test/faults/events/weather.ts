import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { makeApiKey } from "@bellhop/api";
import { buckets, token } from "@bellhop/contracts";
import { activatePack, loadPack } from "@bellhop/pack-loader";
import type { CrashPoint } from "@bellhop/service";
import { restartNatsWhenKilled, startStage, type PartName, type Stage } from "../../stage.ts";
import { patience, until } from "../../until.ts";
import { seeded } from "../seeded.ts";
import { openStorm, type Storm } from "../storm.ts";
import { checkEvents, type EventFindings, type Sent } from "./check-events.ts";
import { eventful, packsBeside, writeEventful } from "./eventful.ts";
import { freePort } from "../../free-port.ts";

/** Some webhooks, ticks and numbers while whoever gets to a point is killed there. */
export async function hitEvent(at: {
  point: CrashPoint;
  victim: "self" | "nats";
  factor: number;
}): Promise<EventFindings & { hits: string[] }> {
  return await inWeather(at.factor, async (weather) => {
    const { stage } = weather;
    const { point, victim } = at;
    const crash = victim === "nats" ? `${point}@${stage.nats.pid}` : point;
    for (const name of parts) weather.start(name, name.startsWith(point.slice(0, point.indexOf("."))) ? crash : undefined);
    const watching = restartNatsWhenKilled(stage);
    const sent = await send(weather, { count: 12, everyMs: 50, random: seeded(1) });
    await until(() => stage.crashes().some((hit) => hit.startsWith(`${point} `)), { instead: () => `${point} was never reached` });
    const findings = await settled(weather, sent);
    watching.stop();
    return { ...findings, hits: stage.crashes() };
  });
}

/** Webhooks come, timers tick, a sensor counts and a policy holds while apis, engines, runners and nats-server are killed without mercy. Senders repeat themselves until they were told that it is
 *  stored, and some of them once more. */
export async function soakEvents(at: {
  seed: number;
  events: number;
  kills: number;
  factor: number;
}): Promise<EventFindings & { seed: number; kills: number; seconds: number }> {
  const began = performance.now();
  const random = seeded(at.seed);
  return await inWeather(at.factor, async (weather) => {
    for (const name of parts) weather.start(name);
    const storm = openStorm({ stage: weather.stage, parts, random });
    const everyMs = (at.kills * 500) / at.events;
    const [sent] = await Promise.all([
      send(weather, { count: at.events, everyMs, random: seeded(at.seed + 1) }),
      storm.rage({ kills: at.kills, everyMs: [50, 300], isOver: () => false }),
    ]);
    await storm.calm();
    const findings = await settled(weather, sent, storm.killed);
    return { ...findings, seed: at.seed, kills: storm.killed.length, seconds: Math.round((performance.now() - began) / 1000) };
  });
}

const parts: readonly PartName[] = ["api-1", "api-2", "engine-1", "engine-2", "runner-1", "runner-2"];

interface Weather {
  stage: Stage;
  key: string;
  urls: readonly string[];
  start(name: PartName, crash?: string): void;
}

async function inWeather<Found>(factor: number, work: (weather: Weather) => Promise<Found>): Promise<Found> {
  // A late result is waited for less long: what is lost has to be told while the test still looks.
  const durations = { lateResult: 20_000 };
  const stage = await startStage({ factor, packs: packsBeside, durations });
  try {
    stage.configure({ durations, api: { rate: 10_000 } });
    const pack = await loadPack(await writeEventful({ folder: stage.folder, file: stage.file }));
    if (pack.kind === "faulty") throw new Error(JSON.stringify(pack.problems));
    await activatePack(stage.bus, pack);
    const { text, key } = makeApiKey({ name: "storm", scopes: ["webhooks"], by: "test", at: new Date().toISOString() });
    await stage.bus.bucket(buckets.apiKey).create(key.id, key);
    const ports = await Promise.all([freePort(), freePort()]);
    return await work({
      stage,
      key: text,
      urls: ports.map((port) => `http://127.0.0.1:${port}`),
      start(name, crash) {
        const [kind, number] = name.split("-");
        const env = kind === "api" ? { env: { BELLHOP_API_LISTEN: `127.0.0.1:${ports[Number(number) - 1] ?? 0}` } } : {};
        stage.start(name, { ...env, ...(crash === undefined ? {} : { crash }) });
      },
    });
  } finally {
    await stage.end();
  }
}

/** Sends so many, one every so often. Resolves when each was taken. */
async function send({ urls, key }: Weather, at: { count: number; everyMs: number; random: () => number }): Promise<Sent[]> {
  const sending: Promise<Sent>[] = [];
  for (let n = 0; n < at.count; n++) {
    sending.push(sendOne({ urls, key, n, more: at.random() < 0.2 ? 2 : 1 }));
    await pause(at.everyMs);
  }
  return await Promise.all(sending);
}

/** @param at.more so many times it is told that it was stored */
async function sendOne(at: { urls: readonly string[]; key: string; n: number; more: number }): Promise<Sent> {
  const { urls, key, n } = at;
  const id = `e${n}`;
  const body = JSON.stringify({ id, third: n % 3 === 0 });
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${key}`, "Idempotency-Key": id };
  const told: string[] = [];
  for (let attempt = n; told.length < at.more; attempt++) {
    const url = urls[attempt % urls.length] ?? "";
    try {
      const answer = await fetch(`${url}/v1/webhooks/${eventful.path}`, {
        method: "POST",
        body,
        headers,
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.status === 202) told.push(((await answer.json()) as { event: string }).event);
      // Before its rules are known, and while NATS is away; anything else no patience will mend.
      else if (answer.status !== 404 && answer.status !== 503) throw new RangeError(`${answer.status} ${await answer.text()}`);
    } catch (error) {
      if (error instanceof RangeError) throw error;
    }
    if (told.length < at.more) await pause(50);
  }
  return { n, id, told };
}

/** Lets the timers rest, waits until all of it is over, and looks at what became of it. */
async function settled({ stage }: Weather, sent: readonly Sent[], killed: Storm["killed"] = []): Promise<EventFindings> {
  const look = async () => checkEvents({ sent, killed, logs: await stage.logs(), traces: readFileSync(stage.file, "utf8").split("\n") });
  // However short it was: timers and the sensor have to have something to lose.
  await until(
    async () => {
      const { ticks, numbers } = await look();
      return ticks >= 5 && numbers >= 5;
    },
    { everyMs: 200 },
  );
  const rules = stage.bus.bucket(buckets.rule);
  for (const rule of eventful.restless) {
    await rules.put(token(rule), { v: 1, rule, enabled: false, by: "test", at: new Date().toISOString() });
  }
  let findings = await look();
  // What is not well in time is found by the last look. As long as runs end, on whatever machine, the others are waited for.
  let moved = performance.now();
  while ((findings.faults.length > 0 || findings.waiting > 0) && performance.now() < moved + patience) {
    await pause(500);
    const before = findings.waiting;
    findings = await look();
    if (findings.waiting < before) moved = performance.now();
  }
  for (const { state } of await stage.logs()) {
    if (state !== undefined && state.endedAt === undefined)
      findings.faults.push(`run ${state.id} of ${state.action} still waits: ${state.status}, ${JSON.stringify(state.tasks)}`);
  }
  return findings;
}
