import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { check, type Asked } from "../faults/check.ts";
import { faultyPacks } from "../faults/packs.ts";
import { startStage, type PartName } from "../stage.ts";
import { until } from "../until.ts";

const main = join(import.meta.dirname, "..", "..", "apps", "cli", "src", "main.ts");
const patience = { timeout: 300_000 };

/** Processes that this one started, directly, and that run. */
function childrenOf(pid: number): { pid: number; command: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(parent) !== pid || state === "Z") return [];
      return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") }];
    } catch {
      return [];
    }
  });
}

function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}

test("up --runners starts processes that are kept running, drain with it, and die with it", patience, async () => {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-scaling-"));
  await writeFile(join(folder, "bellhop.yaml"), JSON.stringify({ packs: faultyPacks }));
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    BELLHOP_FOLDER: join(folder, ".bellhop"),
    BELLHOP_SLACK_SIGNING_SECRET: "not for runners",
  };
  const traces = join(folder, "traces");
  await writeFile(traces, "");
  const started: ChildProcess[] = [];
  const cli = (...args: string[]) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, env, stdio: ["pipe", "pipe", "ignore"] });
    started.push(child);
    return child;
  };
  const up = async () => {
    const child = cli("up", "--runners", "2", "--concurrency", "1", "--json");
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return { child, pid: child.pid ?? 0, parts: (JSON.parse(line) as { parts: string[] }).parts };
  };
  const runners = (pid: number) => childrenOf(pid).filter(({ command }) => command.includes("runner/src/main.ts"));
  try {
    const first = await up();
    expect(first.parts).toEqual(["engine", "runner 1", "runner 2"]);
    expect(runners(first.pid)).toHaveLength(2);
    for (const { pid } of runners(first.pid)) expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain("SIGNING_SECRET");

    // One that is killed is started again.
    const [victim] = runners(first.pid);
    if (victim === undefined) throw new Error("there is no runner");
    process.kill(victim.pid, "SIGKILL");
    await until(() => runners(first.pid).length === 2 && runners(first.pid).every(({ pid }) => pid !== victim.pid));

    // SIGTERM: what was begun is finished.
    const run = cli("run", "faulty.note", "word=last", `file=${traces}`, "ms=2500");
    await until(() => readFileSync(traces, "utf8") === "last\n");
    const drained = runners(first.pid);
    first.child.kill("SIGTERM");
    await once(first.child, "exit");
    expect(first.child.exitCode).toBe(0);
    expect(drained.filter(({ pid }) => lives(pid))).toEqual([]);
    run.kill("SIGKILL");

    // -9 of it: nobody is left behind. And what was drained is known as done.
    const second = await up();
    await until(() => readFileSync(join(folder, ".bellhop", "logs", "engine.log"), "utf8").includes('"status":"succeeded"'));
    const all = childrenOf(second.pid);
    expect(all.length).toBeGreaterThanOrEqual(3);
    second.child.kill("SIGKILL");
    await until(() => all.every(({ pid }) => !lives(pid)));
    expect(readFileSync(traces, "utf8")).toBe("last\n");
  } finally {
    for (const child of started) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});

test("runners and engines join and leave while there is work: all of it is done once", patience, async () => {
  const stage = await startStage({ factor: 0.3, packs: faultyPacks });
  try {
    const start = (...names: PartName[]) => names.forEach((name) => stage.start(name, { env: { BELLHOP_CONCURRENCY: "2" } }));
    start("engine-1", "runner-1");
    const prompt = stage.prompt();
    const asked: Asked[] = [];
    const say = (count: number) => {
      for (let index = 0; index < count; index++) {
        const word = `w${asked.length}`;
        const line = `note ${word} in ${stage.file}`;
        asked.push({ line, word, repeatable: false });
        prompt.say(line);
      }
    };
    const answered = (count: number) => until(() => prompt.shown.length >= count);
    say(40);
    await answered(5);
    start("runner-2", "engine-2");
    say(40);
    await answered(30);
    // Asked to, each finishes what it has and gives back the rest: nothing is abandoned, nothing done again.
    await stage.stop("runner-1");
    await stage.stop("engine-1");
    start("runner-3");
    say(40);
    await answered(70);
    await stage.stop("runner-2");
    start("engine-3");
    await stage.stop("engine-2");
    await prompt.finish(60_000);
    const { faults, done } = check({ asked, shown: prompt.shown, traces: stage.file, logs: await stage.logs() });
    expect(faults).toEqual([]);
    expect(done).toBe(120);
  } finally {
    await stage.end();
  }
});
