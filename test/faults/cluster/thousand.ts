import { setTimeout as pause } from "node:timers/promises";
import { check, type Asked, type Findings } from "../check.ts";
import { faultyPacks } from "../packs.ts";
import { startStageOn, type PartName, type Prompt } from "../../stage.ts";
import { startCluster } from "./servers.ts";
import { until } from "../../until.ts";

export interface ClusterFindings extends Findings {
  asked: number;
  /** How long nothing was answered although something waited, at most: after the death of the leader, of the follower, and otherwise. */
  longestPauseMs: Record<Weather, number>;
  seconds: number;
}

type Weather = "quiet" | "leader" | "follower";

const apartMs = 3_000;

/** Commands at a steady pace on three servers with three copies of everything; meanwhile the server that leads the runs' logs is killed with -9 and started again,
 *  and later one that follows. */
export async function thousandCommands(at: { commands: number; perSecond: number; factor: number }): Promise<ClusterFindings> {
  const began = performance.now();
  const cluster = await startCluster();
  const stage = await startStageOn(cluster, { factor: at.factor, packs: faultyPacks, layout: { replicas: 3 } });
  try {
    const names: PartName[] = ["engine-1", "engine-2", "runner-1", "runner-2"];
    for (const name of names) stage.start(name);
    const prompt = stage.prompt();
    const asked: Asked[] = [];
    const say = (action: string) => {
      const word = `w${asked.length}`;
      const line = `${action} ${word} in ${stage.file}`;
      asked.push({ line, word, repeatable: action === "again" });
      prompt.say(line);
    };
    // Everything works before the clock runs: what is measured is the servers' death, not the processes' start.
    say("again");
    await until(() => prompt.shown.length > 0);

    const watch = watchPauses(prompt, asked);
    const kill = async (weather: "leader" | "follower") => {
      const { leader, followers } = await cluster.copiesOf("RUN");
      const victim = weather === "leader" ? leader : (followers[0] ?? leader);
      watch.weather(weather);
      await cluster.kill(victim);
      await pause(apartMs);
      await cluster.restart(victim);
      await cluster.copiesOf("RUN");
      watch.weather("quiet");
    };
    const killing: Promise<void>[] = [];
    while (asked.length < at.commands) {
      say(["note", "again", "shell"][asked.length % 3] ?? "note");
      if (asked.length === Math.ceil(at.commands / 5)) killing.push(kill("leader"));
      // One after the other: of three servers one at a time may be lost.
      if (asked.length === Math.ceil((at.commands * 3) / 5)) killing.push((killing[0] ?? Promise.resolve()).then(() => kill("follower")));
      await pause(1_000 / at.perSecond);
    }
    await Promise.all(killing);
    const { code, notes } = await prompt.finish(120_000);
    const longestPauseMs = watch.end();
    const findings = check({ asked, shown: prompt.shown, traces: stage.file, logs: await stage.logs() });
    if (code === null) findings.faults.push(`the prompt waited for ever; it said:\n${notes}`);
    return { ...findings, asked: asked.length, longestPauseMs, seconds: Math.round((performance.now() - began) / 1000) };
  } finally {
    await stage.end();
  }
}

/** Looks a hundred times a second at what was answered. */
function watchPauses(prompt: Prompt, asked: readonly Asked[]): { weather(now: Weather): void; end(): Record<Weather, number> } {
  const longest: Record<Weather, number> = { quiet: 0, leader: 0, follower: 0 };
  let weather: Weather = "quiet";
  /** A pause that outlasts its fault still counts for it. */
  let cause: Weather = "quiet";
  let answered = prompt.shown.length;
  let since = performance.now();
  const look = setInterval(() => {
    const now = performance.now();
    // A pause in which nothing waits is none.
    if (prompt.shown.length > answered || prompt.shown.length === asked.length) {
      since = now;
      cause = weather;
    }
    answered = prompt.shown.length;
    longest[cause] = Math.max(longest[cause], Math.round(now - since));
  }, 10);
  return {
    weather(now) {
      weather = now;
      if (now !== "quiet") cause = now;
    },
    end() {
      clearInterval(look);
      return longest;
    },
  };
}
