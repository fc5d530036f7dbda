import { mkdtempSync, readFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { silentLog } from "@bellhop/service";
import { createKeeper, type Command, type Ended, type Keeper } from "./keeper.ts";
import { markedProcesses } from "./mark.ts";

const keepers: Keeper[] = [];
afterEach(async () => {
  await Promise.all(keepers.splice(0).map((keeper) => keeper.stop()));
});

function keeperFor(test: { idleMs?: number } = {}) {
  const mark = `test-${randomBytes(6).toString("hex")}.e1`;
  const keeper = createKeeper({ mark: () => mark, killGraceMs: 200, log: silentLog, ...test });
  keepers.push(keeper);
  return { keeper, mark, alive: async () => (await markedProcesses()).filter((found) => found.mark.startsWith(`${mark}.`)) };
}

async function sh(keeper: Keeper, cmd: string, more: Partial<Command> = {}): Promise<{ ended: Ended; stdout: string; stderr: string }> {
  const out = { stdout: "", stderr: "" };
  const ended = await keeper.run({
    file: "/bin/sh",
    args: ["-c", cmd],
    env: {},
    signal: new AbortController().signal,
    onOutput: (stream, bytes) => (out[stream] += bytes.toString()),
    ...more,
  });
  return { ended, ...out };
}

test("a command's output, exit code and environment come back", async () => {
  const { keeper } = keeperFor();
  process.env.BELLHOP_CREDENTIALS = "/not/for/packs";
  const { ended, stdout, stderr } = await sh(keeper, "echo out; echo err >&2; env; exit 3", { env: { MINE: "1" } });
  delete process.env.BELLHOP_CREDENTIALS;
  expect(ended).toEqual({ kind: "exited", code: 3, signal: null });
  expect(stderr).toBe("err\n");
  expect(stdout).toMatch(/^out\n/);
  const names = stdout
    .split("\n")
    .slice(1, -1)
    .map((line) => line.split("=")[0]);
  expect(names).toEqual(expect.arrayContaining(["MINE", "PATH", "BELLHOP_MARK"]));
  expect(
    names.filter(
      (name) => !["MINE", "PATH", "HOME", "LANG", "TZ", "TMPDIR", "BELLHOP_MARK", "PWD", "_", "SHLVL", "OLDPWD"].includes(name ?? ""),
    ),
  ).toEqual([]);
});

test("ten megabytes of output arrive whole", async () => {
  const { keeper } = keeperFor();
  const { stdout } = await sh(keeper, "head -c 10000000 /dev/zero | tr '\\0' x; echo end");
  expect(stdout.length).toBe(10_000_004);
  expect(stdout.endsWith("end\n")).toBe(true);
});

test("a program that is not there is told as such", async () => {
  const { keeper } = keeperFor();
  const { ended } = await sh(keeper, "", { file: "/no/such/program" });
  expect(ended).toMatchObject({ kind: "unstartable", code: "ENOENT" });
});

test("a script given aside runs as if it were an argument, but ps does not show it", async () => {
  const { keeper } = keeperFor();
  const { stdout } = await sh(keeper, "", { args: ["-c", 'eval "$(cat <&3)"'], script: "echo hunter2; tr '\\0' ' ' </proc/$$/cmdline" });
  expect(stdout.match(/hunter2/g)).toHaveLength(1);
});

test("an aborted command ends within the grace time, and so does what called setsid", async () => {
  const { keeper, alive } = keeperFor();
  const abort = new AbortController();
  const running = sh(keeper, "trap '' TERM; setsid sleep 300 & setsid setsid sleep 300 & echo ready; while :; do sleep 300; done", {
    signal: abort.signal,
    onOutput: () => abort.abort(),
  });
  const { ended } = await running;
  expect(ended).toEqual({ kind: "exited", code: null, signal: "SIGKILL" });
  expect((await alive()).length).toBe(1); // the keeper itself
});

test("a command is over when its shell is, whatever it left in the background", async () => {
  const { keeper, alive } = keeperFor();
  const { ended } = await sh(keeper, "sleep 300 & sleep 300 & exit 0");
  expect(ended).toEqual({ kind: "exited", code: 0, signal: null });
  expect((await alive()).length).toBe(1);
});

test("when the keeper is killed its commands end, are told as lost, and the next command gets a new keeper", async () => {
  const { keeper, alive } = keeperFor();
  const file = join(mkdtempSync(join(tmpdir(), "keeper-")), "pid");
  let ready = () => {};
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const running = sh(keeper, `setsid sleep 300 & echo $PPID > ${file}; echo ready; sleep 300`, { onOutput: () => ready() });
  await isReady;
  expect(existsSync(file)).toBe(true);
  process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
  expect((await running).ended).toMatchObject({ kind: "lost" });
  expect(await alive()).toEqual([]);
  expect((await sh(keeper, "echo again")).stdout).toBe("again\n");
});

test("a keeper with nothing to do goes away, and comes back when needed", async () => {
  const { keeper, alive } = keeperFor({ idleMs: 20 });
  await sh(keeper, "true");
  await expect.poll(alive, { timeout: 30_000 }).toEqual([]);
  expect((await sh(keeper, "echo back")).stdout).toBe("back\n");
});
