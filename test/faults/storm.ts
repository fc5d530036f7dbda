import { setTimeout as pause } from "node:timers/promises";
import type { PartName, Prompt, Stage } from "../stage.ts";
import { until } from "../until.ts";

/** Kills without mercy, nats-server among them, each started again a moment after. The order of things is the seed's, their exact moments are the machine's. */
export interface Storm {
  /** One more. Resolves when it has been long enough for those that are left to have gone on. */
  strike(): Promise<void>;
  /** One after the other until so many were killed, or until it is over. */
  rage(at: { kills: number; everyMs: readonly [number, number]; isOver: () => boolean }): Promise<void>;
  /** Resolves when all that was killed is started again. */
  calm(): Promise<void>;
  /** Who was killed when, in milliseconds since the epoch. */
  readonly killed: readonly { victim: PartName | "nats"; at: number }[];
}

/** @param at.parts whoever is named twice is killed twice as often
 *  @param at.absenceMs nobody is away for longer */
export function openStorm(at: { stage: Stage; parts: readonly PartName[]; random: () => number; absenceMs?: number }): Storm {
  const { stage, parts, random, absenceMs = 300 } = at;
  const killed: { victim: PartName | "nats"; at: number }[] = [];
  const restarts = new Set<Promise<void>>();
  const storm: Storm = {
    killed,
    async strike() {
      const victim = [...parts, "nats" as const][Math.floor(random() * (parts.length + 1))] ?? "nats";
      const absence = random() * absenceMs;
      if (victim === "nats") {
        await stage.nats.kill9();
        killed.push({ victim, at: Date.now() });
        await pause(absence);
        await stage.nats.restart();
        return;
      }
      await stage.kill(victim);
      killed.push({ victim, at: Date.now() });
      const restart = pause(absence).then(() => stage.start(victim));
      restarts.add(restart);
      void restart.finally(() => restarts.delete(restart));
      // At least one of each kind is left to go on with.
      await pause(300);
    },
    async rage({ kills, everyMs: [least, most], isOver }) {
      for (let kill = 0; kill < kills && !isOver(); kill++) {
        await pause(least + random() * (most - least));
        await storm.strike();
      }
    },
    async calm() {
      await Promise.all(restarts);
    },
  };
  return storm;
}

/** A prompt that has been answered once. One that opens in a storm may find no nats-server for seconds, says so and ends, and nobody sees what was asked after that. */
export async function openPrompt(stage: Stage): Promise<Prompt> {
  const prompt = stage.prompt();
  prompt.say(`again hello in ${stage.file}`);
  await until(() => prompt.shown.length > 0);
  prompt.shown.length = 0;
  return prompt;
}
