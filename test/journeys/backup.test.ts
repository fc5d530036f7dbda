import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { faultyPacks } from "../faults/packs.ts";
import type { Shown } from "../stage.ts";
import { until } from "../until.ts";

const main = join(import.meta.dirname, "..", "..", "apps", "cli", "src", "main.ts");

/** A folder with an installation in it. */
class Home {
  readonly folder: string;
  readonly #children: ChildProcess[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  cli(...args: string[]): ChildProcess {
    const env = { PATH: process.env.PATH, HOME: this.folder, BELLHOP_FOLDER: join(this.folder, ".bellhop") };
    const child = spawn(process.execPath, [main, ...args], { cwd: this.folder, env, stdio: ["pipe", "pipe", "pipe"] });
    this.#children.push(child);
    return child;
  }

  async run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = this.cli(...args);
    const seen = { out: "", err: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (seen.out += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (seen.err += text));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, ...seen };
  }

  async up(): Promise<ChildProcess> {
    const child = this.cli("up", "--json");
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    if (child.stdout === null) throw new Error("it has no output");
    await Promise.race([
      once(createInterface({ input: child.stdout }), "line"),
      once(child, "exit").then(() => Promise.reject(new Error(`bellhop up ended: ${said}`))),
    ]);
    return child;
  }

  /** A prompt, and what it showed. */
  chat(): { say(line: string): void; shown: Shown[]; child: ChildProcess } {
    const child = this.cli("chat", "--json");
    const shown: Shown[] = [];
    if (child.stdout !== null) createInterface({ input: child.stdout }).on("line", (line) => shown.push(JSON.parse(line) as Shown));
    child.stderr?.resume();
    child.stdin?.on("error", () => undefined);
    return { say: (line) => void child.stdin?.write(`${line}\n`), shown, child };
  }

  async runs(): Promise<Listed[]> {
    const { out, err } = await this.run("runs", "list", "--limit", "1000", "--json");
    if (out === "") throw new Error(err);
    return (JSON.parse(out) as { runs: Listed[] }).runs;
  }

  async end(): Promise<void> {
    for (const child of this.#children) await killed(child);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

interface Listed {
  status: string;
  action: string;
  input: { word?: string };
}

let homes: Home[];
let here: Home;
let there: Home;
let traces: string;
let archive: string;

beforeEach(async () => {
  homes = await Promise.all(
    [0, 1].map(async () => {
      const folder = await mkdtemp(join(tmpdir(), "bellhop-backup-"));
      const config = { packs: faultyPacks, durations: { lateResult: 2_000 } };
      await writeFile(join(folder, "bellhop.yaml"), JSON.stringify(config));
      return new Home(folder);
    }),
  );
  [here, there] = homes as [Home, Home];
  traces = join(here.folder, "traces");
  archive = join(here.folder, "copy.tar");
  await writeFile(traces, "");
});
afterEach(() => Promise.all(homes.map((home) => home.end())));

async function killed(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

function times(word: string): number {
  return readFileSync(traces, "utf8")
    .split("\n")
    .filter((trace) => trace === word).length;
}

async function allOver(home: Home): Promise<Listed[]> {
  let runs: Listed[] = [];
  await until(
    async () => {
      runs = await home.runs();
      return runs.length > 0 && runs.every(({ status }) => !["requested", "scheduled", "running", "canceling"].includes(status));
    },
    { everyMs: 500 },
  );
  return runs;
}

const kinds = ["note", "again", "shell"] as const;
const kindOf = (word: string) => kinds[Number(word.slice(1)) % kinds.length] ?? "note";

test(
  "a backup under load is restored elsewhere: what it held is there, nothing is done twice, and nothing waits for ever",
  { timeout: 180_000 },
  async () => {
    const up = await here.up();
    const prompt = here.chat();
    let said = 0;
    const say = () => prompt.say(`${kindOf(`w${said}`)} w${said++} in ${traces}`);
    while (said < 30) say();
    await until(() => prompt.shown.length >= 20);
    const before = prompt.shown.map(({ line }) => line.split(" ")[1] ?? "");

    const backing = here.run("backup", archive, "--with-key", "--json");
    let over = false;
    void backing.finally(() => (over = true));
    while (!over) {
      say();
      await pause(5);
    }
    const backup = await backing;
    expect(backup.err + backup.out).toContain('"quiet":false');
    expect(backup.code).toBe(0);
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    // It goes on for a while: what the backup holds as undone is done now.
    const shown = prompt.shown.length;
    await until(() => prompt.shown.length > shown + 5);
    await Promise.all([killed(up), killed(prompt.child)]);

    const live = await there.run("restore", archive, "--resume");
    expect([live.code, live.err]).toEqual([1, expect.stringContaining("made while Bellhop ran")]);
    const restored = await there.run("restore", archive, "--json");
    expect(restored.code, restored.err).toBe(0);
    expect(JSON.parse(restored.out)).toMatchObject({ key: true });
    const again = await there.run("restore", archive);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("is in use")]);

    await there.up();
    const runs = await allOver(there);
    for (const word of before)
      expect(runs, word).toContainEqual(expect.objectContaining({ status: "succeeded", input: expect.objectContaining({ word }) }));
    for (let nth = 0; nth < said; nth++) if (kindOf(`w${nth}`) !== "again") expect(times(`w${nth}`), `w${nth}`).toBeLessThanOrEqual(1);
    // Whatever could not be told from done says so, instead of being done again.
    for (const { status, input } of runs)
      if (status !== "abandoned") expect([status, times(input.word ?? "")]).toEqual(["succeeded", expect.any(Number)]);
    const fresh = await there.run("run", "core.echo", "message=hello");
    expect([fresh.code, fresh.out]).toEqual([0, expect.stringContaining("hello")]);
  },
);

test("a backup of what has stopped goes on elsewhere where it was: everything that waited is done, once", async () => {
  const up = await here.up();
  const prompt = here.chat();
  const words = Array.from({ length: 60 }, (_, nth) => `w${nth}`);
  for (const word of words) prompt.say(`note ${word} in ${traces}`);
  await until(() => prompt.shown.length >= 5);
  await Promise.all([killed(up), killed(prompt.child)]);

  const backup = await here.run("backup", archive, "--json");
  expect([backup.code, JSON.parse(backup.out)]).toEqual([0, expect.objectContaining({ quiet: true, key: false })]);
  const restored = await there.run("restore", archive, "--resume", "--json");
  expect(restored.code, restored.err).toBe(0);
  expect(JSON.parse(restored.out)).toMatchObject({ doubtful: 0, unsure: 0, key: false });
  await there.up();
  const runs = await allOver(there);
  // Who was in the middle of something when it was killed is the one exception.
  for (const word of words) {
    const run = runs.find(({ input }) => input.word === word);
    if (run === undefined) continue;
    expect([word, run.status, times(word)]).toEqual([
      word,
      run.status === "abandoned" ? "abandoned" : "succeeded",
      run.status === "abandoned" ? expect.any(Number) : 1,
    ]);
    expect(times(word)).toBeLessThanOrEqual(1);
  }
  expect(runs.filter(({ status }) => status === "succeeded").length).toBeGreaterThanOrEqual(5);
});

test("a restore that was killed on the way is begun again, and nothing starts before it is done", async () => {
  const up = await here.up();
  for (const word of ["one", "two"]) await here.run("run", "core.echo", `message=${word.repeat(2_000)}`);
  expect((await here.run("backup", archive)).code).toBe(0);
  await killed(up, "SIGTERM");
  const child = there.cli("restore", archive);
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  await until(() => said.includes("MESSAGE ") || child.exitCode !== null);
  await killed(child);
  const early = await there.run("up", "--json");
  expect([early.code, early.err + early.out]).toEqual([1, expect.stringContaining("not finished")]);
  expect((await there.run("restore", archive)).code).toBe(0);
  await there.up();
  expect((await allOver(there)).map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
});
