import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { buckets, messageIds, subjects, type RunRecord } from "@bellhop/contracts";
import type { CrashPoint } from "@bellhop/service";
import { restartNatsWhenKilled, startStage, type PartName, type Prompt, type Stage } from "../../stage.ts";
import { seeded } from "../seeded.ts";
import { openPrompt, openStorm } from "../storm.ts";
import { packsBeside, writeFlow, type Flow } from "./flow.ts";

export interface FlowFindings {
  runs: number;
  /** Of tasks that may not be begun twice: told as lost. */
  lost: number;
  faults: string[];
}

/** One workflow while whoever gets to a point is killed there. */
export async function hitFlow(at: {
  point: CrashPoint;
  victim: "self" | "nats";
  factor: number;
}): Promise<FlowFindings & { hits: string[] }> {
  return await inWeather({ factor: at.factor, size: { branches: 3, length: 2, items: 9 } }, async ({ stage, flow, answering }) => {
    const { point, victim } = at;
    for (const name of parts) {
      const armed = name.startsWith(point.slice(0, point.indexOf(".")));
      // An attempt has to be lost before an engine can get to that point.
      const losing = point === "engine.lost-saved" && name.startsWith("runner-");
      const crash = losing ? "runner.started" : victim === "nats" ? `${point}@${stage.nats.pid}` : point;
      stage.start(name, armed || losing ? { crash } : {});
    }
    const watching = restartNatsWhenKilled(stage);
    const findings = await runFlows({ stage, prompt: stage.prompt(), flow, count: 1, answering });
    watching.stop();
    return { ...findings, hits: stage.crashes() };
  });
}

/** Workflows of a hundred tasks while engines, runners and nats-server are killed without mercy. The order of things is the seed's, their exact moments are the
 *  machine's. */
export async function soakFlows(at: {
  seed: number;
  runs: number;
  kills: number;
  factor: number;
}): Promise<FlowFindings & { seed: number; kills: number; seconds: number }> {
  const began = performance.now();
  const random = seeded(at.seed);
  return await inWeather({ factor: at.factor, size: { branches: 10, length: 9, items: 20 } }, async ({ stage, flow, answering }) => {
    for (const name of parts) stage.start(name);
    const prompt = await openPrompt(stage);
    const storm = openStorm({ stage, parts, random });
    let over = false;
    const [findings] = await Promise.all([
      runFlows({ stage, prompt, flow, count: at.runs, answering }).finally(() => (over = true)),
      storm.rage({ kills: at.kills, everyMs: [100, 500], isOver: () => over }),
    ]);
    await storm.calm();
    return { ...findings, seed: at.seed, kills: storm.killed.length, seconds: Math.round((performance.now() - began) / 1000) };
  });
}

const parts: readonly PartName[] = ["engine-1", "engine-2", "runner-1", "runner-2", "runner-3"];

interface Weather {
  stage: Stage;
  flow: Flow;
  answering: { stop(): Promise<void> };
}

async function inWeather<Found>(
  at: { factor: number; size: Omit<Parameters<typeof writeFlow>[0], "folder"> },
  work: (weather: Weather) => Promise<Found>,
): Promise<Found> {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-flow-"));
  try {
    const flow = await writeFlow({ folder, ...at.size });
    const stage = await startStage({ factor: at.factor, packs: [...packsBeside, flow.pack] });
    const answering = answer(stage);
    try {
      return await work({ stage, flow, answering });
    } finally {
      await answering.stop();
      await stage.end();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runFlows(at: Weather & { prompt: Prompt; count: number }): Promise<FlowFindings> {
  const { stage, prompt, flow, count, answering } = at;
  const ids = Array.from({ length: count }, (_, index) => `r${index}`);
  for (const id of ids) prompt.say(`flow ${id} in ${stage.file}`);
  const { code, notes } = await prompt.finish(180_000);
  await answering.stop();
  const findings: FlowFindings = { runs: count, lost: 0, faults: [] };
  if (code === null) findings.faults.push(`the prompt waited for ever; it said:\n${notes}`);
  const logs = await stage.logs();
  const traces = readFileSync(stage.file, "utf8").split("\n");
  for (const id of ids) {
    const replies = prompt.shown.filter(({ line }) => line === `flow ${id} in ${stage.file}`);
    if (replies.length !== 1) findings.faults.push(`${id}: ${replies.length} replies`);
    checkTraces(flow, { id, traces, findings });
    await checkOutput(stage, { flow, id, logs, findings });
  }
  for (const { state } of logs)
    if (state !== undefined && state.endedAt === undefined) findings.faults.push(`run ${state.id} still waits: ${state.status}`);
  const left = await stage.bus.bucket(buckets.timer).entries(">");
  if (left.length > 0) findings.faults.push(`timers are left: ${left.map(({ key }) => key).join(", ")}`);
  return findings;
}

/** What the actions themselves wrote: nobody did twice what can't be repeated. */
function checkTraces(flow: Flow, at: { id: string; traces: readonly string[]; findings: FlowFindings }): void {
  const { id, traces, findings } = at;
  const times = (word: string) => traces.filter((trace) => trace === `${word} ${id}`).length;
  for (const word of flow.once) if (times(word) > 1) findings.faults.push(`${id}: ${word} was done ${times(word)} times`);
  for (const word of flow.again) if (times(word) === 0) findings.faults.push(`${id}: ${word} was never done`);
  // Once, and tried again twice.
  if (times("tried") < 3) findings.faults.push(`${id}: what is tried three times was tried ${times("tried")} times`);
}

/** What the workflow came to: every task ran once, and said how it ended. */
async function checkOutput(
  stage: Stage,
  { flow, id, logs, findings }: { flow: Flow; id: string; logs: readonly RunRecord[]; findings: FlowFindings },
): Promise<void> {
  for (const { state } of logs) {
    if (state?.action !== "flowing.flow" || state.output === undefined) continue;
    const { output = {} } = (await stage.bus.loadValue(state.output)) as { output?: Record<string, unknown> };
    if (output["id"] !== id) continue;
    if (state.status !== "succeeded") findings.faults.push(`${id}: it ended ${state.status}`);
    for (const name of flow.tasks.filter((task) => /^b\d/.test(task))) {
      // An attempt that was abandoned fails its task, as in StackStorm: of those that may not be begun twice that is as it should be.
      if (output[name] === "action_abandoned" && flow.once.includes(name)) findings.lost += 1;
      else if (output[name] !== "succeeded") findings.faults.push(`${id}: ${name} says ${String(output[name])}`);
    }
    if (output["answer"] !== true) findings.faults.push(`${id}: the answer is ${String(output["answer"])}`);
    const progress = (await stage.bus.log.records(state.id, { from: 1 })).flatMap(({ record }) => record.progress ?? []);
    const begun = new Map<string, Set<string>>();
    for (const { task, name } of progress) begun.set(name, (begun.get(name) ?? new Set()).add(task));
    for (const name of flow.tasks)
      if (begun.get(name)?.size !== 1) findings.faults.push(`${id}: ${name} began ${begun.get(name)?.size ?? 0} times`);
    return;
  }
  findings.faults.push(`${id}: no run of it gave anything`);
}

/** Somebody who says yes to whatever asks. */
function answer(stage: Stage): { stop(): Promise<void> } {
  const asked = new Set<string>();
  let over = false;
  const turn = (async () => {
    while (!over) {
      const entries = await stage.bus
        .bucket(buckets.press)
        .entries(">")
        .catch(() => []);
      for (const { value } of entries) {
        const meaning = value.means[0];
        if (value.over !== undefined || meaning?.kind !== "answer" || asked.has(value.id)) continue;
        const key = `answer/${value.id}`;
        const { run, task, attempt } = meaning;
        const person = { platform: "terminal", id: "somebody", kind: "human" } as const;
        const about = { task, attempt, response: { continue: true }, asker: person, replyTo: value.to, askedAt: new Date().toISOString() };
        await stage.bus
          .publish(subjects.run.asked, { v: 2, kind: "answer", key, run, ...about }, { id: messageIds.asked(key) })
          .then(() => asked.add(value.id))
          .catch(() => undefined);
      }
      await pause(50);
    }
  })();
  return {
    async stop() {
      over = true;
      await turn;
    },
  };
}
