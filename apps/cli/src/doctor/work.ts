import { setTimeout as pause } from "node:timers/promises";
import type { Bus, StreamFigures } from "@bellhop/bus";
import { buckets, streams, type Durations, type Member } from "@bellhop/contracts";
import { configFault, instancesOf, settingsOf } from "@bellhop/core";
import { orphanedObjects } from "@bellhop/engine";
import { historyPlace, historySettings } from "@bellhop/engine/history-settings";
import { historyExists, openHistory } from "@bellhop/history";
import { activeVersions, fetchVersion } from "@bellhop/pack-loader";
import { givenConfig, isGone, type CommonConfig, type Env } from "@bellhop/service";
import { bytesText } from "../amounts.ts";
import { layersOf } from "../pack/config/known.ts";
import { longestMs, within, type Check } from "./check.ts";

/** How the work goes: who does it, what waits, and what was left lying. */
export async function workChecks(at: { bus: Bus; config: CommonConfig; env: Env }): Promise<Check[]> {
  const { bus, config } = at;
  const groups = await Promise.all([
    within("packs", () => packsCheck(bus)),
    within("configuration", () => configChecks(at)),
    within("members", () => memberChecks(bus, config.durations), config.durations.lease + longestMs),
    within("queues", async () => queueChecks(await bus.figures(queues), config.durations)),
    within("dead letters", () => deadCheck(bus)),
    within("history", () => historyCheck(at)),
    within("objects", () => objectsCheck(bus, config.durations)),
  ]);
  return groups.flat();
}

/** Which packs can't work yet. What runners elsewhere have in their environment can't be seen from here. */
async function configChecks({ bus, config, env }: { bus: Bus; config: CommonConfig; env: Env }): Promise<Check[]> {
  const name = "configuration";
  const given = givenConfig(env, config.file);
  const versions = await Promise.all((await activeVersions(bus)).map(({ digest }) => fetchVersion(bus, digest)));
  const configurable = versions.flatMap(({ name: pack, config: schema }) => (schema === undefined ? [] : [{ pack, schema }]));
  const faults = await Promise.all(
    configurable.map(async ({ pack, schema }) => {
      const layers = await layersOf({ bus, pack, schema, given });
      const named = instancesOf(layers).map((instance) => ({ pack, instance }));
      // Where there are instances, the unnamed one need not be complete.
      return (named.length > 0 ? named : [{ pack }]).map((of) => configFault(settingsOf({ schema, layers, ...of }), of, pack));
    }),
  );
  const found = faults.flat().filter((fault) => fault !== undefined);
  if (found.length > 0) return found.map(({ message, hint }) => ({ name, state: "odd", found: message, hint }));
  return [{ name, state: "ok", found: configurable.length === 0 ? "no pack needs any" : "every pack has what it needs" }];
}

async function packsCheck(bus: Bus): Promise<Check[]> {
  const packs = await bus.bucket(buckets.catalog).entries("active.>");
  if (packs.length > 0) return [{ name: "packs", state: "ok", found: packs.map(({ value }) => value.name).join(", ") }];
  return [
    {
      name: "packs",
      state: "bad",
      found: "none is active",
      hint: "Engines wait for the first. `bellhop pack install packs/core` brings one, `bellhop pack check packs` says what is wrong with those here.",
    },
  ];
}

/** Who lives, and what is held by somebody who does not. */
async function memberChecks(bus: Bus, durations: Durations): Promise<Check[]> {
  const alive = await livingMembers({ read: () => bus.bucket(buckets.member).entries(), wait: pause, durations });
  const checks: Check[] = (["engine", "runner"] as const).map((role) => {
    const count = alive.filter((member) => member.role === role).length;
    const hint = `Commands wait until one runs: \`bellhop up\`, or node apps/${role}/src/main.ts.`;
    return { name: `${role}s`, state: count > 0 ? "ok" : "bad", found: String(count), ...(count > 0 ? {} : { hint }) };
  });
  const living = new Set(alive.map(({ id, epoch }) => `${id}/${epoch}`));
  const stale = (await bus.bucket(buckets.holding).entries()).filter(({ value }) => !living.has(`${value.member}/${value.epoch}`));
  return [...checks, leaseCheck(stale.map(({ value }) => value.what))];
}

/** Who lives of those that have a record. One that is busy renews late: it has the length of its lease, and is waited for no longer than it takes.
 *  @param at.read all of them, as they are now
 *  @param at.wait lets so many milliseconds pass */
export async function livingMembers(at: {
  read(): Promise<readonly { key: string; revision: number; value: Member }[]>;
  wait(ms: number): Promise<unknown>;
  durations: Pick<Durations, "lease" | "leaseRenewal">;
}): Promise<Member[]> {
  const { lease, leaseRenewal } = at.durations;
  const before = new Map((await at.read()).map(({ key, revision }) => [key, revision]));
  for (let left = lease; ; left -= leaseRenewal / 2) {
    await at.wait(leaseRenewal / 2);
    const there = (await at.read()).filter(({ value }) => value.process === undefined || !isGone(value.process));
    // Runners renew less often than it is waited for here.
    const silent = new Set(there.filter(({ key, revision, value }) => before.get(key) === revision && value.lengthMs <= lease));
    if (silent.size === 0 || left <= 0) return there.flatMap((one) => (silent.has(one) ? [] : [one.value]));
  }
}

export function leaseCheck(stale: readonly string[]): Check {
  const name = "leases";
  if (stale.length === 0) return { name, state: "ok", found: "all are held by processes that live" };
  const needed = stale.filter((what) => !what.startsWith("sender.terminal."));
  const found = `${stale.length} are of processes that are gone: ${stale.slice(0, 5).join(", ")}${stale.length > 5 ? " …" : ""}`;
  if (needed.length === 0) return { name, state: "ok", found: `${found}; an engine clears them away within the hour` };
  return {
    name,
    state: "odd",
    found,
    hint: "They are taken over within seconds where an engine or gateway runs for it. Look again; if they stay, start one.",
  };
}

const queues = [streams.message, streams.asked, streams.action, streams.finished, streams.send].map((stream) => ({ stream }));

/** What waits for longer than it should. */
export function queueChecks(
  figures: readonly StreamFigures[],
  durations: Pick<Durations, "unclaimedNotice" | "ackWait" | "lateReply">,
): Check[] {
  const name = "queues";
  const late: Check[] = [];
  for (const { stream, messages, oldestAgeMs, queues: parts } of figures) {
    const waits = (count: number, ageMs: number) => `${count} in ${stream}, the oldest for ${ageText(ageMs)}`;
    if (stream === streams.action.name) {
      for (const pool of parts)
        if (pool.oldestAgeMs > durations.unclaimedNotice)
          late.push({
            name,
            state: "bad",
            found: `requests for the pool ${pool.name}: ${waits(pool.messages, pool.oldestAgeMs)}`,
            hint: `No runner takes them, or all are busy: start one with BELLHOP_POOLS=${pool.name}, or more of them (\`bellhop up --runners 4\`).`,
          });
    } else if (stream === streams.send.name) {
      for (const platform of parts)
        if (platform.name !== "terminal" && platform.oldestAgeMs > durations.lateReply)
          late.push({
            name,
            state: "odd",
            found: `replies for ${platform.name}: ${waits(platform.messages, platform.oldestAgeMs)}`,
            hint: `Its gateway is not running, or ${platform.name} can't be reached. They are said once it can.`,
          });
    } else if (messages > 0 && oldestAgeMs > durations.ackWait * 4) {
      late.push({
        name,
        state: "bad",
        found: waits(messages, oldestAgeMs),
        hint: "No engine takes them: see `engines`, and the log of the engine.",
      });
    }
  }
  if (late.length > 0) return late;
  const all = figures.reduce((sum, { messages }) => sum + messages, 0);
  return [{ name, state: "ok", found: all === 0 ? "nothing waits" : `${all} messages are on their way` }];
}

async function deadCheck(bus: Bus): Promise<Check[]> {
  const [dead] = await bus.figures([{ stream: streams.dead }]);
  const count = dead?.messages ?? 0;
  if (count === 0) return [{ name: "dead letters", state: "ok", found: "none" }];
  const hint = "`bellhop dead list` says why each; `bellhop dead replay` tries again, `bellhop dead drop` takes them away.";
  return [{ name: "dead letters", state: "odd", found: `${count}, the oldest ${ageText(dead?.oldestAgeMs ?? 0)} old`, hint }];
}

async function historyCheck({ bus, config, env }: { bus: Bus; config: CommonConfig; env: Env }): Promise<Check[]> {
  const place = historyPlace(historySettings(env, config.file), config.folder);
  if (!historyExists(place)) return [{ name: "history", state: "ok", found: "nothing was remembered here yet" }];
  const history = await openHistory(place);
  try {
    const position = await history.position();
    const { made, last } = await bus.log.extent();
    return [lagCheck({ behind: position.stream === made ? last - position.sequence : last })];
  } finally {
    await history.close();
  }
}

/** It may lag while there is much to do: it gives way to commands. */
const farBehind = 10_000;

export function lagCheck({ behind }: { behind: number }): Check {
  const name = "history";
  if (behind <= 0) return { name, state: "ok", found: "up to date" };
  const found = `${behind} steps behind the log`;
  if (behind < farBehind) return { name, state: "ok", found };
  return {
    name,
    state: "odd",
    found,
    hint: "It catches up by itself while an engine runs. If it does not: `problem` in the engine's log says why; with several machines only one writes a SQLite file.",
  };
}

async function objectsCheck(bus: Bus, { objectRetention }: Durations): Promise<Check[]> {
  const name = "objects";
  // A day more than the sweep allows itself.
  const orphans = await orphanedObjects(bus, { olderThanMs: objectRetention * 2 + day });
  if (orphans.length === 0) return [{ name, state: "ok", found: "every object that is there is needed, or young" }];
  const bytes = orphans.reduce((sum, { object }) => sum + object.bytes, 0);
  const hint =
    "The engine that holds shard 0 takes them away once a day: is one running for long enough? Its log says `not swept` where it can't.";
  return [{ name, state: "odd", found: `${orphans.length} that nobody refers to (${bytesText(bytes)})`, hint }];
}

const day = 86_400_000;

function ageText(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
