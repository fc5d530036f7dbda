import { statSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openHistory, type History, type HistoryEntry, type RunFilter } from "@bellhop/history";
import { figure, median, percentile, type Figure } from "../figures.ts";
import { progress } from "../line.ts";
import { temporaryFolder } from "../processes.ts";
import { factsOf, randomFrom, recordsOf, word, zipf, type Facts } from "./records.ts";

const made = "2020-01-01T00:00:00.000Z";
const batch = 256;
/** Runs are that far apart: a million are eleven and a half days. */
const everyMs = 1_000;
const queries = 40;

/** Lists of twenty runs out of many, by every filter and by several together. */
export async function measureLists(runs: number): Promise<Figure[]> {
  const file = join(temporaryFolder("history"), "history.db");
  const history = await openHistory({ kind: "sqlite", file });
  const writing = await fill(history, runs);
  progress("listing");
  const figures: Figure[] = [...writing, figure({ name: `file of ${runs} runs`, value: statSync(file).size / 2 ** 20, unit: "MB" })];
  const p50s: number[] = [];
  for (const [name, filterOf] of Object.entries(filters(runs))) {
    const random = randomFrom(name.length);
    const times: number[] = [];
    for (let query = 0; query < queries; query++) {
      const filter = filterOf(factsOf(Math.floor(random() * runs)), random);
      const began = performance.now();
      await history.list({ ...filter, limit: 20 });
      times.push(performance.now() - began);
    }
    p50s.push(median(times));
    figures.push(figure({ name: `list, ${name}, p50`, value: median(times), unit: "ms", aim: { atMost: 20 } }));
    figures.push(figure({ name: `list, ${name}, p95`, value: percentile(times, 95), unit: "ms" }));
  }
  figures.push(
    figure({ name: `list over ${runs} runs, the slowest filter's p50`, value: Math.max(...p50s), unit: "ms", aim: { atMost: 20 } }),
  );
  await history.close();
  return figures;
}

type FilterOf = (facts: Facts, random: () => number) => Partial<RunFilter>;

/** Values come from runs that are there, so common ones are asked for more often. */
function filters(runs: number): Record<string, FilterOf> {
  const moment = (random: () => number) => firstAsked(runs) + Math.floor(random() * runs) * everyMs;
  return {
    none: () => ({}),
    status: ({ status }) => ({ status: [status] }),
    "status that is rare": () => ({ status: ["abandoned"] }),
    statuses: () => ({ status: ["failed", "timeout", "abandoned"] }),
    action: ({ action }) => ({ action }),
    person: ({ user }) => ({ person: `slack:T1/${user}` }),
    room: ({ channel }) => ({ room: channel }),
    since: (_, random) => ({ since: moment(random) }),
    until: (_, random) => ({ until: moment(random) }),
    "words of one run": ({ text }) => ({ text: text.split(" ").slice(0, 2).join(" ") }),
    "a common word": () => ({ text: word(0) }),
    "a word that is nowhere": () => ({ text: "nowhere" }),
    "a common word with a rare status": () => ({ text: word(0), status: ["abandoned"] }),
    "status and person": ({ user }) => ({ status: ["failed"], person: `slack:T1/${user}` }),
    "action, person and room of different runs": ({ user }, random) => ({
      action: `pack${zipf(50, random())}.do`,
      person: `slack:T1/${user}`,
      room: `C${zipf(60, random())}`,
      status: ["canceled"],
    }),
    "everything at once, long ago": ({ user, action, channel, text, status }, random) => ({
      status: [status],
      action,
      person: `slack:T1/${user}`,
      room: channel,
      text: text.split(" ")[0],
      until: moment(random),
    }),
  };
}

function firstAsked(runs: number): number {
  return Date.parse("2026-01-01T00:00:00.000Z") - runs * everyMs;
}

/** As the projector writes, without its rests. */
async function fill(history: History, runs: number): Promise<Figure[]> {
  let from = await history.position();
  let waiting: HistoryEntry[] = [];
  let sequence = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const write = async () => {
    const to = { stream: made, sequence };
    delay.enable();
    if ((await history.apply({ from, to, entries: waiting })) === "moved") throw new Error("nobody else writes here");
    delay.disable();
    from = to;
    waiting = [];
  };
  const began = performance.now();
  for (let number = 0; number < runs; number++) {
    for (const record of recordsOf(number, firstAsked(runs) + number * everyMs)) waiting.push({ record, sequence: ++sequence });
    if (waiting.length >= batch) await write();
    if ((number + 1) % Math.ceil(runs / 10) === 0)
      progress(`${number + 1} runs, ${Math.round(((number + 1) * 2000) / (performance.now() - began))} steps/s`);
  }
  await write();
  const seconds = (performance.now() - began) / 1_000;
  return [
    figure({ name: `writing ${2 * runs} steps, without rests, records made on the way`, value: (2 * runs) / seconds, unit: "steps/s" }),
    figure({ name: "writing, how long the thread is held, p99", value: delay.percentile(99) / 1e6, unit: "ms" }),
    figure({ name: "writing, how long the thread is held, at most", value: delay.max / 1e6, unit: "ms" }),
  ];
}
