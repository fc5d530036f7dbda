import { crashPoints, type CrashPoint } from "@bellhop/service";
import { check, type Asked, type Findings } from "./check.ts";
import { restartNatsWhenKilled, startStage, type PartName, type Stage } from "../stage.ts";
import { editPoints } from "./gateways/edit-points.ts";
import { pressPoints } from "./gateways/press-points.ts";
import { gatewayPoints, type Victim } from "./gateways/points.ts";
import { faultyPacks } from "./packs.ts";

export interface PointCase {
  point: CrashPoint;
  victim: Victim;
}

/** Crash points that a prompt can reach. Those of gateways and of edits need chat platforms: see gateways/; those of packs are hit by the tests of the
 *  commands that install them, apps/cli/src/pack. */
export function pointCases(): PointCase[] {
  const elsewhere: readonly CrashPoint[] = [...gatewayPoints, ...editPoints, ...pressPoints];
  const points = (Object.keys(crashPoints) as CrashPoint[]).filter((point) => !point.startsWith("pack.") && !elsewhere.includes(point));
  return points.flatMap((point) => [
    { point, victim: "self" as const },
    { point, victim: "nats" as const },
  ]);
}

/** Two engines and two runners, the point armed in both of its kind; six commands, and what a person saw of them in the end. */
export async function hitPoint(at: PointCase & { factor: number }): Promise<Findings & { hits: string[] }> {
  const stage = await startStage({ factor: at.factor, packs: faultyPacks });
  try {
    for (const name of ["engine-1", "engine-2", "runner-1", "runner-2"] as const) stage.start(name, { crash: crashOf(stage, name, at) });
    const watching = restartNatsWhenKilled(stage);
    const asked: Asked[] = [];
    const prompt = stage.prompt();
    for (const [index, action] of ["note", "again", "shell", "again", "note", "again"].entries()) {
      const word = `w${index}`;
      const line = `${action} ${word} in ${stage.file}`;
      asked.push({ line, word, repeatable: action === "again" });
      prompt.say(line);
    }
    const { code, notes } = await prompt.finish(30_000);
    watching.stop();
    const findings = check({ asked, shown: prompt.shown, traces: stage.file, logs: await stage.logs() });
    if (code === null) findings.faults.push(`the prompt waited for ever; it said:\n${notes}`);
    return { ...findings, hits: stage.crashes() };
  } finally {
    await stage.end();
  }
}

function crashOf(stage: Stage, name: PartName, { point, victim }: PointCase): string | undefined {
  // An attempt has to be lost before an engine can get to that point.
  if (point === "engine.lost-saved" && name.startsWith("runner-")) return "runner.started";
  if (!point.startsWith(name.slice(0, name.indexOf("-")))) return undefined;
  return victim === "nats" ? `${point}@${stage.nats.pid}` : point;
}
