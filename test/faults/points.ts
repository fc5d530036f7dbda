import { crashPoints, type CrashPoint } from "@bellhop/service";
import { check, type Asked, type Findings } from "./check.ts";
import { restartNatsWhenKilled, startStage, type PartName, type Stage } from "../stage.ts";
import { patience, until } from "../until.ts";
import { eventPoints } from "./events/event-points.ts";
import { editPoints } from "./gateways/edit-points.ts";
import { pressPoints } from "./gateways/press-points.ts";
import { gatewayPoints, type Victim } from "./gateways/points.ts";
import { faultyPacks } from "./packs.ts";

export interface PointCase {
  point: CrashPoint;
  victim: Victim;
}

/** Crash points that a prompt can reach. Those of gateways and of edits need chat platforms: see gateways/; those of what happens by itself, see events/; those of packs are hit by the tests of the
 *  commands that install them, apps/cli/src/pack. */
export function pointCases(): PointCase[] {
  const elsewhere: readonly CrashPoint[] = [...gatewayPoints, ...editPoints, ...pressPoints, ...eventPoints];
  const points = (Object.keys(crashPoints) as CrashPoint[]).filter((point) => !point.startsWith("pack.") && !elsewhere.includes(point));
  return points.flatMap((point) => [
    { point, victim: "self" as const },
    { point, victim: "nats" as const },
  ]);
}

/** Two engines and two runners, and a prompt that is open all the time, for as many cases as there are: starting all of it anew for each took most of the time. */
export interface Points {
  /** The point is armed in both parts of its kind; six commands, and what a person saw of them in the end. */
  hit(at: PointCase): Promise<Findings & { hits: string[] }>;
  /** Ends it all. Answers what was found wrong with all that was ever asked: what came late belongs to an earlier case. */
  end(): Promise<Findings>;
}

export async function openPoints({ factor }: { factor: number }): Promise<Points> {
  const stage = await startStage({ factor, packs: faultyPacks });
  const watching = restartNatsWhenKilled(stage);
  const prompt = stage.prompt();
  const armed = new Set<PartName>();
  const everything: Asked[] = [];
  for (const name of parts) stage.start(name);

  const arm = async (name: PartName, crash: string | undefined) => {
    // One that did not get to the last case's point would get there in this one.
    if (crash === undefined && !armed.delete(name)) return;
    await stage.kill(name);
    stage.start(name, crash === undefined ? {} : { crash });
    if (crash !== undefined) armed.add(name);
  };

  return {
    async hit(at) {
      const before = { hits: stage.crashes().length, runs: new Set((await stage.logs()).map(({ run }) => run)) };
      await Promise.all(parts.map(async (name) => await arm(name, crashOf(stage, name, at))));
      const asked: Asked[] = ["note", "again", "shell", "again", "note", "again"].map((action, index) => {
        const word = `w${everything.length + index}`;
        return { line: `${action} ${word} in ${stage.file}`, word, repeatable: action === "again" };
      });
      everything.push(...asked);
      for (const { line } of asked) prompt.say(line);

      const hits = () => stage.crashes().slice(before.hits);
      const found = async () => {
        const logs = (await stage.logs()).filter(({ run }) => !before.runs.has(run));
        return check({ asked, shown: prompt.shown, traces: stage.file, logs });
      };
      const isHit = () => hits().some((hit) => hit.startsWith(`${at.point} `));
      const isAnswered = () => asked.every(({ line }) => prompt.shown.some((reply) => reply.line === line));
      // What is not so in the end is said by the findings.
      await until(async () => isAnswered() && isHit() && (await found()).faults.length === 0).catch(() => {});
      return { ...(await found()), hits: hits() };
    },
    async end() {
      try {
        const { code, notes } = await prompt.finish(patience);
        watching.stop();
        const findings = check({ asked: everything, shown: prompt.shown, traces: stage.file, logs: await stage.logs() });
        if (code === null) findings.faults.push(`the prompt waited for ever; it said:\n${notes}`);
        return findings;
      } finally {
        watching.stop();
        await stage.end();
      }
    },
  };
}

const parts = ["engine-1", "engine-2", "runner-1", "runner-2"] as const satisfies readonly PartName[];

function crashOf(stage: Stage, name: PartName, { point, victim }: PointCase): string | undefined {
  // An attempt has to be lost before an engine can get to that point.
  if (point === "engine.lost-saved" && name.startsWith("runner-")) return "runner.started";
  if (!point.startsWith(name.slice(0, name.indexOf("-")))) return undefined;
  return victim === "nats" ? `${point}@${stage.nats.pid}` : point;
}
