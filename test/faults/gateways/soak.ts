import { setTimeout as pause } from "node:timers/promises";
import type { CallFault, Faults, Planned, PlatformName } from "../../platforms.ts";
import type { PartName } from "../../stage.ts";
import { gatewayOf, startTeam, type Team } from "../../team.ts";
import { faultyPacks } from "../packs.ts";
import { seeded } from "../seeded.ts";
import { openStorm } from "../storm.ts";
import { askFor, faultOf, faultsOf, reword, tracesIn, type Asked } from "./asked.ts";
import { watchAnswers, type Twice } from "./standing.ts";
import { patience, until } from "../../until.ts";

export interface GatewaySoak {
  seed: number;
  messages: number;
  /** Of those, how many were reworded after they were sent. */
  reworded: number;
  kills: number;
  /** Kills while messages were unanswered. */
  inFlight: number;
  /** How often platforms misbehaved. */
  troubles: number;
  seconds: number;
  /** From the last trouble until everything was answered. */
  settledAfterMs: number;
  /** Answers that people saw twice for a while, by platform. */
  twice: Partial<Record<PlatformName, { times: number; longestMs: number }>>;
  faults: string[];
}

/** People on every platform ask without end, and reword what they said, while gateways, engines, runners and nats-server are killed without mercy and the
 *  platforms misbehave. The order of things is the seed's, their exact moments are the machine's. */
export async function soakGateways(at: { seed: number; messages: number; kills: number; factor: number }): Promise<GatewaySoak> {
  const began = performance.now();
  const team = await startTeam({ factor: at.factor, packs: faultyPacks, rooms });
  try {
    const { stage, chats } = team;
    for (const part of ["engine-2", "runner-2"] as const) stage.start(part);
    const watch = watchAnswers(chats);
    const people = talk(team, seeded(at.seed + 1));
    await people.everywhere();
    await team.disconnect();
    await team.connect();
    const weather = badWeather(team, seeded(at.seed));
    for (let kill = 0; kill < at.kills; kill++) {
      for (let burst = Math.ceil((at.messages * (kill + 1)) / at.kills) - people.asked.length; burst > 0; burst--) await people.say();
      weather.change();
      await weather.kill(() => people.unanswered() > 0);
    }
    await weather.clear();
    const cleared = performance.now();
    await people.settle();
    const settledAfterMs = Math.round(performance.now() - cleared);
    await people.everywhere();
    const faults = faultsOf({ asked: people.asked, chats, traces: tracesIn(stage.file), logs: await stage.logs() });
    return {
      seed: at.seed,
      messages: people.asked.length,
      reworded: people.asked.filter((one) => one.reworded !== undefined).length,
      ...weather.counts(),
      seconds: Math.round((performance.now() - began) / 1000),
      settledAfterMs,
      twice: summed(watch.stop()),
      faults,
    };
  } finally {
    await team.end();
  }
}

const rooms = Array.from({ length: 12 }, (_, index) => `room-${index}`);

/** What people say, and what they see. */
function talk({ stage, chats }: Team, random: () => number) {
  const asked: Asked[] = [];
  /** Not yet answered as they should be. */
  let open: Asked[] = [];
  const { file } = stage;

  async function say(): Promise<void> {
    const chat = pick(chats, random);
    const room = pick(rooms, random);
    const word = `w${asked.length}`;
    const place = random();
    if (place < 0.1) return void add(await askFor(chat, { word, command: "again", file, place: { direct: true } }));
    // A thread of its own, since answers of one thread stand one after the other.
    const where = place < 0.3 ? { room, thread: await chat.say({ text: "shall we?", room }) } : { room, mention: place > 0.8 };
    const command = pick(["again", "again", "note", "typo"] as const, random);
    const one = add(await askFor(chat, { word, command, file, place: where }));
    if (command === "typo") await reword(one, { word, file });
    else if (command === "again" && random() < 0.2) await reword(one, { word: `${word}b`, file });
  }

  function add(one: Asked): Asked {
    asked.push(one);
    open.push(one);
    return one;
  }

  function unanswered(): number {
    const traces = tracesIn(file);
    open = open.filter((one) => faultOf(one, traces) !== undefined);
    return open.length;
  }

  /** What is not well in time is found by the last look at everything. */
  async function settle(): Promise<void> {
    const end = performance.now() + 4 * patience;
    while (unanswered() > 0 && performance.now() < end) await pause(250);
  }

  return {
    asked,
    say,
    unanswered,
    settle,
    /** Before the storm: of a direct conversation that begins while no gateway listens nobody could know. After it: replies of one conversation go out one
     *  after the other, so that nothing is on its way behind these. */
    async everywhere(): Promise<void> {
      for (const chat of chats) {
        for (const room of rooms) add(await askFor(chat, { word: `w${asked.length}`, command: "again", file, place: { room } }));
        add(await askFor(chat, { word: `w${asked.length}`, command: "again", file, place: { direct: true } }));
      }
      await settle();
      await until(() => !chats.some((chat) => chat.owes()));
    },
  };
}

/** Kills and faults. */
function badWeather(team: Team, random: () => number) {
  const { stage, chats } = team;
  const planned: Planned[] = [];
  let inFlight = 0;
  let struck = 0;
  const parts: PartName[] = ["engine-1", "engine-2", "runner-1", "runner-2", ...chats.map(gatewayOf), ...chats.map(gatewayOf)];
  const storm = openStorm({ stage, parts, random, absenceMs: 500 });

  return {
    /** One platform misbehaves. */
    change(): void {
      const strikes = pick(troubles, random)(pick(chats, random).faults, random);
      planned.push(...strikes);
      if (strikes.length === 0) struck += 1;
    },
    /** @param busy whether there is work in flight */
    async kill(busy: () => boolean): Promise<void> {
      await pause(20 + random() * 200);
      if (busy()) inFlight += 1;
      await storm.strike();
    },
    async clear(): Promise<void> {
      for (const one of planned) one.cancel();
      await storm.calm();
    },
    counts: () => ({ kills: storm.killed.length, inFlight, troubles: struck + planned.reduce((sum, one) => sum + one.hits(), 0) }),
  };
}

const calls: readonly CallFault[] = [
  { kind: "lose_request" },
  { kind: "lose_answer" },
  { kind: "error_after" },
  { kind: "unavailable" },
  { kind: "rate_limit", retryAfter: 1 },
  { kind: "hold", ms: 1_500 },
];

type Trouble = (faults: Faults, random: () => number) => Planned[];

const troubles: readonly Trouble[] = [
  (faults, random) => [faults.posts(pick(calls, random), 2)],
  (faults, random) => [faults.posts(pick(calls, random), 2)],
  (faults, random) => [faults.calls(pick(calls, random), 3)],
  (faults) => [faults.events("twice", 5)],
  (faults) => [faults.events("late", 3)],
  atOnce((faults) => faults.dropConnections()),
  atOnce((faults) => faults.refresh()),
  atOnce((faults) => faults.forget()),
];

/** What plans nothing, since it strikes at once. */
function atOnce(strike: (faults: Faults) => void): Trouble {
  return (faults) => {
    strike(faults);
    return [];
  };
}

function summed(twice: readonly Twice[]): GatewaySoak["twice"] {
  const sums: GatewaySoak["twice"] = {};
  for (const { platform, ms } of twice) {
    const { times, longestMs } = sums[platform] ?? { times: 0, longestMs: 0 };
    sums[platform] = { times: times + 1, longestMs: Math.max(longestMs, ms) };
  }
  return sums;
}

function pick<T>(from: readonly T[], random: () => number): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new Error("there is nothing to pick from");
  return picked;
}
