import { setTimeout as pause } from "node:timers/promises";
import { check, type Asked, type Findings } from "./check.ts";
import { faultyPacks } from "./packs.ts";
import { seeded } from "./seeded.ts";
import { openPrompt, openStorm } from "./storm.ts";
import { startStage, type PartName } from "../stage.ts";

export interface SoakResult extends Findings {
  seed: number;
  asked: number;
  kills: number;
  /** Kills while commands were unanswered. */
  inFlight: number;
  seconds: number;
}

/** Commands without end while processes are killed without mercy: two engines, two runners and nats-server, each started again a moment after. The
 *  order of things is the seed's, their exact moments are the machine's.
 *  @param at.inFlight goes on until so many were killed while commands were unanswered: on a quick machine some kills meet none */
export async function soak(at: { seed: number; commands: number; kills: number; inFlight?: number; factor: number }): Promise<SoakResult> {
  const began = performance.now();
  const random = seeded(at.seed);
  const stage = await startStage({ factor: at.factor, packs: faultyPacks });
  try {
    const parts: PartName[] = ["engine-1", "engine-2", "runner-1", "runner-2"];
    for (const name of parts) stage.start(name);
    const prompt = await openPrompt(stage);
    const asked: Asked[] = [];
    const say = () => {
      const action = ["note", "again", "shell"][Math.floor(random() * 3)] ?? "note";
      const word = `w${asked.length}`;
      const line = `${action} ${word} in ${stage.file}`;
      asked.push({ line, word, repeatable: action === "again" });
      prompt.say(line);
    };
    const storm = openStorm({ stage, parts, random });
    let inFlight = 0;
    while (storm.killed.length < at.kills || asked.length < at.commands || inFlight < (at.inFlight ?? 0)) {
      for (let burst = Math.ceil(at.commands / at.kills); burst > 0; burst--) say();
      await pause(20 + random() * 200);
      if (asked.length > prompt.shown.length) inFlight += 1;
      await storm.strike();
    }
    await storm.calm();
    const { code, notes } = await prompt.finish(120_000);
    const findings = check({ asked, shown: prompt.shown, traces: stage.file, logs: await stage.logs() });
    if (code === null) findings.faults.push("the prompt waited for ever");
    // Whoever reads of missing replies wants to know why the prompt ended without them.
    if (findings.faults.length > 0) findings.faults.unshift(`the prompt ended with ${code}; it said:\n${notes}`);
    return {
      ...findings,
      seed: at.seed,
      asked: asked.length,
      kills: storm.killed.length,
      inFlight,
      seconds: Math.round((performance.now() - began) / 1000),
    };
  } finally {
    await stage.end();
  }
}
