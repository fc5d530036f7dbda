import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { isGone, processIdentity } from "./process-identity.ts";
import { Secret } from "./secret.ts";

const source = (name: string) => new URL(name, import.meta.url).href;

test.skipIf(process.platform !== "linux")(
  "a process is gone once it was killed, and never while it lives or is another machine's",
  async () => {
    const child = spawn("sleep", ["30"]);
    const identity = processIdentity(child.pid);
    if (identity === undefined) throw new Error("no identity");
    expect(isGone(identity)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isGone(identity)).toBe(true);
    expect(isGone({ ...identity, boot: "another machine" })).toBe(false);
  },
);

test("a container's process with our pid is not ours: it is not gone because ours are others", ({ skip }) => {
  const script = `import { processIdentity } from ${JSON.stringify(source("./process-identity.ts"))}; console.log(JSON.stringify(processIdentity()))`;
  const node = [process.execPath, "--input-type=module-typescript", "-e", script];
  const { stdout, status } = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", ...node], { encoding: "utf8" });
  if (status !== 0) return skip("no pid namespace can be made here");
  const theirs = JSON.parse(stdout) as NonNullable<ReturnType<typeof processIdentity>>;
  expect(theirs.pid).toBeLessThan(10);
  expect(theirs.boot).not.toBe(processIdentity()?.boot);
  expect(isGone(theirs)).toBe(false);
});

test("a secret prints as [secret] everywhere", () => {
  const secret = new Secret("hunter2");
  expect([String(secret), JSON.stringify({ secret }), inspect({ secret })].join()).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});

test("a crash point ends the process with -9 at its nth passing, and does nothing unnamed", () => {
  const script = `import { point } from ${JSON.stringify(source("./crash-point.ts"))};
    for (let i = 1; i <= 3; i++) { console.log(i); point("engine.saved"); point("runner.started"); }`;
  const run = (crash: string | undefined) =>
    spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
      env: { PATH: process.env.PATH, BELLHOP_CRASH: crash },
      encoding: "utf8",
    });
  expect(run(undefined).stdout).toBe("1\n2\n3\n");
  const crashed = run("engine.saved:2");
  expect([crashed.stdout, crashed.signal]).toEqual(["1\n2\n", "SIGKILL"]);
});

test("a process follows the one that held its lifeline", async () => {
  const script = `import { watchLifeline } from ${JSON.stringify(source("./run-main.ts"))};
    watchLifeline(); setInterval(() => {}, 1000); console.log("up");`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    env: { PATH: process.env.PATH, BELLHOP_LIFELINE_FD: "3" },
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  if (child.stdout === null) throw new Error("no output");
  await once(child.stdout, "data");
  const exited = once(child, "exit");
  child.stdio[3]?.destroy();
  expect((await exited)[1]).toBe("SIGKILL");
});
