import type { EventOutcome, Run } from "@bellhop/contracts";
import type { Storm } from "../storm.ts";
import { eventful } from "./eventful.ts";

/** What somebody sent, and what he was told each time it was taken. */
export interface Sent {
  n: number;
  id: string;
  /** The event's id, each time. */
  told: string[];
}

/** What is looked at of the last record of a log. */
export interface Logged {
  run: string;
  intake?: { key: string } | undefined;
  fired?: Pick<EventOutcome, "trigger" | "firedAt" | "enforcements"> | undefined;
  state?: Pick<Run, "id" | "status" | "endedAt"> | undefined;
}

export interface EventFindings {
  events: number;
  ticks: number;
  /** What the sensor counted. */
  numbers: number;
  runs: number;
  /** Runs that were told as lost, of actions that may not be begun twice. */
  lost: number;
  /** Runs that are not over. */
  waiting: number;
  /** What broke the promise, in words. Empty is good. */
  faults: string[];
}

/** Compares what was sent, and what the clock says, with the logs of events and runs and with the traces that actions left. Never looks at the product's own counters
 *  or receipts. */
export function checkEvents(at: {
  sent: readonly Sent[];
  killed: Storm["killed"];
  logs: readonly Logged[];
  traces: readonly string[];
}): EventFindings {
  const { sent, killed, logs, traces } = at;
  const events = logs.filter(({ fired }) => fired !== undefined);
  const runs = new Map(logs.flatMap(({ state }) => (state === undefined ? [] : [[state.id, state] as const])));
  const findings: EventFindings = { events: 0, ticks: 0, numbers: 0, runs: runs.size, lost: 0, waiting: 0, faults: [] };
  const fault = (why: string) => void findings.faults.push(why);
  const times = (word: string) => traces.filter((trace) => trace === word).length;

  /** That of the rules of an event exactly these fired, each once, and what it came to. */
  const checkRuns = (event: Logged, wanted: readonly string[], wordOf: (rule: string) => string) => {
    const { enforcements = [] } = event.fired ?? {};
    const rules = enforcements.map(({ rule }) => rule).toSorted();
    if (rules.join() !== wanted.toSorted().join()) fault(`${event.run}: ${rules.join(", ")} fired instead of ${wanted.join(", ")}`);
    for (const { rule, action, run: id = "", failure } of enforcements) {
      const run = runs.get(id);
      const word = wordOf(rule);
      const done = times(word);
      const isRepeatable = action !== "faulty.note";
      if (failure !== undefined) fault(`${event.run}: ${rule} could not fire: ${failure}`);
      if (run === undefined) fault(`${event.run}: ${rule} asked for the run ${id}, which is not there`);
      else if (run.endedAt === undefined) findings.waiting += 1;
      else if (run.status === "abandoned" && !isRepeatable) findings.lost += 1;
      else if (run.status !== "succeeded") fault(`${word}: its run ended ${run.status}`);
      else if (done === 0) fault(`${word}: told as done, but there is no trace of it`);
      if (!isRepeatable && done > 1) fault(`${word}: done ${done} times`);
      known.add(id);
    }
  };
  const known = new Set<string>();

  for (const { n, id, told } of sent) {
    const [first = ""] = told;
    if (new Set(told).size !== 1) fault(`${id}: it was told as ${told.join(", ")}`);
    const event = events.find(({ run }) => run === first);
    const all = events.filter(({ intake }) => intake?.key === `webhook/${eventful.path}/${id}`);
    if (all.length !== 1 || event === undefined) {
      fault(`${id}: it is ${all.length} events`);
      continue;
    }
    findings.events += 1;
    checkRuns(event, eventful.rulesFor(n), (rule) => `${rule.slice("eventful.".length)} ${id}`);
  }
  for (const [rule, { trigger, ms }] of [
    ["eventful.every", eventful.every],
    ["eventful.other", eventful.other],
  ] as const) {
    const ticks = events.filter(({ fired }) => fired?.trigger === trigger);
    const due = ticks.map(({ fired }) => Date.parse(fired?.firedAt ?? "")).toSorted((a, b) => a - b);
    findings.ticks += ticks.length;
    for (const [index, time] of due.entries()) {
      const gap = time - (due[index - 1] ?? time - ms);
      if (gap === 0 || gap % ms !== 0) fault(`${rule}: it ticked ${gap} ms after a tick`);
      else if (gap !== ms && trigger === eventful.every.trigger) fault(`${rule}: ${gap / ms - 1} ticks are missing`);
    }
    if (ticks.length === 0) fault(`${rule}: it never ticked`);
    for (const tick of ticks) {
      // One that came while its rule was being switched off was nobody's any more.
      if (tick.fired?.enforcements.length === 0) continue;
      const word = `${rule === "eventful.other" ? "other " : ""}tick ${tick.fired?.firedAt ?? ""}`;
      checkRuns(tick, [rule], () => word);
    }
  }
  const numbers = events.filter(({ fired }) => fired?.trigger === eventful.number.trigger);
  findings.numbers = numbers.length;
  // Its first is 1, and none is missing or said twice.
  const said = numbers.map(({ intake }) => Number(intake?.key.split("/").at(-1))).toSorted((a, b) => a - b);
  if (said.some((n, index) => n !== index + 1)) fault(`the sensor counted ${said.join(", ")}`);
  for (const event of numbers) {
    if (event.fired?.enforcements.length === 0) continue;
    checkRuns(event, ["eventful.number"], () => `number ${event.intake?.key.split("/").at(-1) ?? ""}`);
  }
  const most = mostAtOnce(traces, killed);
  if (most > eventful.atOnce) fault(`${most} were held at once, where ${eventful.atOnce} may be`);
  for (const id of runs.keys()) if (!known.has(id)) fault(`run ${id}: no event asked for it`);
  return findings;
}

/** How many attempts of what is held were at work at once, by the clock of this machine, which all of them wrote down. Whoever never came to his end was killed with a runner. */
function mostAtOnce(traces: readonly string[], killed: Storm["killed"]): number {
  const lives = new Map<string, { begin: number; end?: number }>();
  for (const trace of traces) {
    const [, life, what, at] = /^(held \S+ \d+ [\d.]+) (begin|end) (\d+)$/.exec(trace) ?? [];
    if (life === undefined) continue;
    if (what === "begin") lives.set(life, { begin: Number(at) });
    else lives.set(life, { begin: lives.get(life)?.begin ?? Number(at), end: Number(at) });
  }
  const deaths = killed.filter(({ victim }) => victim.startsWith("runner-")).map(({ at }) => at);
  const steps = [...lives.values()].flatMap(({ begin, end = deaths.find((at) => at >= begin) ?? begin }) => [
    { at: begin, change: 1 },
    { at: end, change: -1 },
  ]);
  // In one millisecond whoever ends is before whoever begins.
  steps.sort((a, b) => a.at - b.at || a.change - b.change);
  let [now, most] = [0, 0];
  for (const { change } of steps) most = Math.max(most, (now += change));
  return most;
}
