import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { until } from "../until.ts";

const root = join(import.meta.dirname, "../..");
const home = mkdtempSync(join(tmpdir(), "bellhop-first-minute-"));
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

// Whoever asks for an installer or for the network's own is found out by this.
const asked = join(home, "asked");
for (const name of ["npx", "pnpm", "apt-get"]) {
  writeFileSync(join(home, name), `#!/bin/sh\necho ${name} "$@" >> ${asked}\nexit 1\n`);
  chmodSync(join(home, name), 0o755);
}
const env: NodeJS.ProcessEnv = { ...process.env, BELLHOP_FOLDER: join(home, "installation"), PATH: `${home}:${process.env.PATH}` };
delete env.NATS_URL;

const offline = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
const mayGoOffline = spawnSync("unshare", ["-rn", "ip", "link", "set", "lo", "up"]).status === 0;

test.skipIf(!mayGoOffline)("a second start needs no network, no npx and no package manager", async () => {
  expect(
    spawnSync(offline[0] ?? "", [...offline.slice(1), "getent", "hosts", "github.com"]).status,
    "the namespace has no network",
  ).not.toBe(0);
  const { code, stdout, stderr } = await ended(start({ words: "!echo hello\n", under: offline }));
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "hello\n" });
  expect(existsSync(asked) ? readFileSync(asked, "utf8") : "", stderr).toBe("");
});

test("standard output carries the replies and nothing else, and a command that fails makes the exit code 1", async () => {
  const { code, stdout, stderr } = await ended(start({ words: "echo one\n!no such thing\necho two\n" }));
  expect(code, stderr).toBe(1);
  // Commands run side by side, so a quick answer may come before a slow one.
  const lines = stdout.trim().split("\n");
  expect(lines).toEqual(expect.arrayContaining(["one", "two", expect.stringContaining("no such thing")]));
  expect(lines.filter((line) => /^(>|bellhop:|npm )/.test(line) || line === "")).toEqual([]);
});

// npm, what it starts, and the program itself; the program's own children have their tests where they are started.
for (const victim of ["npm", "bootstrap", "program"] as const) {
  test.skipIf(process.platform !== "linux")(
    `when ${victim} is killed with -9, all below it is gone, and the next start works`,
    async () => {
      const running = start({});
      running.stdin?.write("echo up\n");
      await said(running, "up");
      const tree = descendants(running.pid ?? 0);
      const match = { npm: /^npm start/, bootstrap: /bootstrap\/main\.mjs/, program: /cli\/src\/main\.ts/ }[victim];
      const one = tree.find(({ command }) => match.test(command));
      if (one === undefined) throw new Error(`no ${victim} in:\n${tree.map(({ command }) => command).join("\n")}`);
      const below = descendants(one.pid).slice(1);
      expect(below.some(({ command }) => command.includes("nats-server"))).toBe(true);
      process.kill(one.pid, "SIGKILL");
      const left = () => below.filter(({ pid, started }) => look(pid)?.started === started);
      await until(() => left().length === 0, { instead: left });
      const { code, stdout, stderr } = await ended(start({ words: "echo again\n" }));
      expect({ code, last: stdout.trim().split("\n").at(-1) }, stderr).toEqual({ code: 0, last: "again" });
    },
  );
}

/** `npm start` in an installation of its own; with `words`, standard input is those and ends. */
function start({ words, under = [] }: { words?: string; under?: string[] }): ChildProcess {
  const child = spawn("env", [...under, "npm", "start"], { cwd: root, env, stdio: ["pipe", "pipe", "pipe"] });
  // A killed tree closes its end first.
  child.stdin?.on("error", () => {});
  if (words !== undefined) child.stdin?.end(words);
  return child;
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => child.once("close", resolve).once("error", reject));
  return { code, stdout, stderr };
}

/** Resolves when the program has said this line on standard output; rejects with everything it said when it ends before. */
async function said(child: ChildProcess, line: string): Promise<void> {
  let output = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.split("\n").includes(line)) resolve();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("close", () => reject(new Error(`it ended before it said "${line}":\n${output}`)));
  });
}

interface Process {
  pid: number;
  parent: number;
  started: string;
  command: string;
}

/** The process and all below it. */
function descendants(pid: number): Process[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (look(Number(name)) ?? []) : []));
  const self = all.find((one) => one.pid === pid);
  const below = (parent: number): Process[] => all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return self === undefined ? [] : [self, ...below(pid)];
}

/** A process that runs; a zombie does not. */
function look(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, parent: Number(parent), started: rest[17] ?? "", command };
  } catch {
    return undefined;
  }
}
