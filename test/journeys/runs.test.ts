import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = join(import.meta.dirname, "..", "..", "apps", "cli", "src", "main.ts");
const vault = join(import.meta.dirname, "packs", "vault");

let folder = "";
let up: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellhop-runs-"));
  await writeFile(join(folder, "bellhop.yaml"), `packs: [${JSON.stringify(vault)}]\n`);
  await start();
});
afterAll(async () => {
  await stop("SIGKILL");
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const cli = (...args: string[]) =>
  spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: folder,
      BELLHOP_FOLDER: join(folder, ".bellhop"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

async function bellhop(...args: string[]): Promise<Ended> {
  return await endOf(cli(...args));
}

async function endOf(child: ReturnType<typeof cli>): Promise<Ended> {
  const seen = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (seen.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (seen.err += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...seen };
}

async function start(): Promise<void> {
  const child = cli("up", "--json");
  up = child;
  child.stderr.resume();
  const lines = createInterface({ input: child.stdout });
  await Promise.race([once(lines, "line"), once(child, "exit").then(() => Promise.reject(new Error("bellhop up ended")))]);
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (up === undefined || up.exitCode !== null || up.signalCode !== null) return;
  up.kill(signal);
  await once(up, "exit");
}

interface Listed {
  id: string;
  status: string;
  action: string;
  input: Record<string, unknown>;
}

/** Asks until the list is as long as that: history follows a moment later. */
async function listed(length: number, ...args: string[]): Promise<Listed[]> {
  for (;;) {
    const { out } = await bellhop("runs", "list", "--json", ...args);
    const { runs } = JSON.parse(out) as { runs: Listed[] };
    if (runs.length >= length) return runs;
  }
}

test("what ran is listed by what is known of it, and shown with its steps", async () => {
  for (const message of ["alpha", "beta"]) expect((await bellhop("run", "core.echo", `message=${message}`)).code).toBe(0);
  expect((await bellhop("run", "core.local", "cmd=echo beta; exit 3")).code).toBe(1);
  const [failed] = await listed(1, "--status", "failed,timeout");
  if (failed === undefined) throw new Error("it is listed");
  expect(failed).toMatchObject({ action: "core.local", status: "failed", input: { cmd: "echo beta; exit 3" } });
  expect((await listed(2, "--text", "BETA")).map(({ action }) => action)).toEqual(["core.local", "core.echo"]);
  expect(await listed(2, "--action", "core.echo", "--since", "1h", "--room", "prompt", "--before", failed.id)).toHaveLength(2);
  const table = await bellhop("runs", "list");
  expect(table.out.split("\n")[0]).toMatch(/^RUN +STATUS +ASKED +TOOK +BY +IN +ACTION$/);
  expect(table.out).toContain("core.echo message=alpha");
  const shown = await bellhop("runs", "show", failed.id.slice(-8));
  expect(shown.out).toMatch(/^[0-9A-Z]{26} {2}core\.local {2}failed$/m);
  expect(shown.out).toMatch(/asked +scheduled +request core\.local, attempt 1, pool default/);
  expect(JSON.parse((await bellhop("runs", "show", failed.id, "--json")).out)).toMatchObject({
    id: failed.id,
    steps: [{ event: "asked" }, { event: "finished" }],
  });
  expect((await bellhop("runs", "show", failed.id, "--output")).out).toContain('"return_code": 3');
});

test("a run is followed from its beginning to its end, and canceled from elsewhere", async () => {
  const running = endOf(cli("run", "core.local", "cmd=echo one; echo two; sleep 100", "timeout=100"));
  const [{ id } = { id: "" }] = await listed(1, "--text", "sleep");
  const tail = cli("runs", "tail", id);
  const whole = cli("runs", "tail", id, "--json");
  const ends = [endOf(tail), endOf(whole)] as const;
  // What was printed before anybody followed.
  await new Promise<void>((resolve) => {
    let seen = "";
    tail.stdout.on("data", (text: string) => {
      seen += text;
      if (seen.includes("two\n")) resolve();
    });
  });
  const canceled = await bellhop("runs", "cancel", id.slice(-10));
  expect(canceled.out).toMatch(/cancel/i);
  expect((await running).code).toBe(1);
  const [text, lines] = await Promise.all(ends);
  expect(text).toMatchObject({ code: 1, out: "one\ntwo\n", err: expect.stringMatching(/asked[^]*cancel[^]*finished +canceled/) as string });
  const pieces = lines.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { kind: string; event?: string; text?: string });
  expect(pieces.map(({ event, text: printed }) => event ?? printed).join(" ")).toMatch(/^asked one\ntwo\n cancel finished$/);
  // Once it is over, the same is shown again.
  expect((await bellhop("runs", "tail", id)).out).toBe("one\ntwo\n");
  expect(await bellhop("runs", "cancel", id)).toMatchObject({ code: 1, out: expect.stringMatching(/already over|canceled/) as string });
});

test("a run is done again with its input, whose secrets nobody sees", async () => {
  const first = await bellhop("run", "vault.open", "door=back", "code=hush-4711", "--json");
  expect(JSON.parse(first.out)).toMatchObject({ outcome: "ok", result: { door: "back", digits: 9 } });
  const [run] = await listed(1, "--action", "vault.open");
  if (run === undefined) throw new Error("it is listed");
  expect(run.input).toEqual({ door: "back", code: "[secret]" });
  const again = await bellhop("runs", "rerun", run.id.slice(-10), "--json");
  expect(JSON.parse(again.out)).toMatchObject({ outcome: "ok", result: { door: "back", digits: 9 } });
  const both = await listed(2, "--action", "vault.open");
  expect(new Set(both.map(({ id }) => id)).size).toBe(2);
  const seen = [await bellhop("runs", "show", both[0]?.id ?? ""), await bellhop("runs", "tail", both[0]?.id ?? ""), again];
  expect(JSON.stringify(seen)).not.toContain("4711");
  for (const file of ["history.db", "history.db-wal"]) {
    const path = join(folder, ".bellhop", file);
    if (existsSync(path)) expect(readFileSync(path).includes("4711")).toBe(false);
  }
});

test("what ran is known while nothing runs, also what ran last; a rebuild brings the same back", async () => {
  await bellhop("run", "core.echo", "message=the last one");
  await stop("SIGTERM");
  const before = JSON.parse((await bellhop("runs", "list", "--json")).out) as { runs: Listed[] };
  expect(before.runs[0]).toMatchObject({ status: "succeeded", input: { message: "the last one" } });
  for (const args of [
    ["runs", "tail"],
    ["history", "rebuild"],
  ]) {
    expect(await bellhop(...args)).toMatchObject({ code: 1, err: expect.stringContaining("Nothing is running here") as string });
  }
  await start();
  const rebuilt = await bellhop("history", "rebuild", "--json");
  expect(JSON.parse(rebuilt.out)).toMatchObject({ removed: before.runs.length, complete: true });
  expect(JSON.parse((await bellhop("runs", "list", "--json")).out)).toEqual(before);
});
