import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { enterFolder, runningIn } from "./up-lock.ts";

const newFolder = () => mkdtemp(join(tmpdir(), "bellhop-lock-"));

test("of many who start at once one takes the folder, and the others join it once it is ready", async () => {
  const folder = await newFolder();
  const entries = Array.from({ length: 8 }, () => enterFolder(folder));
  const first = await Promise.race(entries);
  if (first.kind !== "mine") throw new Error("somebody joined before anyone was ready");
  await first.lock.ready("nats://127.0.0.1:1");
  const kinds = (await Promise.all(entries)).map((entry) => (entry.kind === "mine" ? "mine" : entry.holder.url));
  expect(kinds.filter((kind) => kind === "mine")).toHaveLength(1);
  expect(kinds.filter((kind) => kind === "nats://127.0.0.1:1")).toHaveLength(7);
});

test("a folder that was given back is free", async () => {
  const folder = await newFolder();
  const entry = await enterFolder(folder);
  if (entry.kind !== "mine") throw new Error("taken");
  await entry.lock.ready("x");
  expect((await runningIn(folder))?.pid).toBe(process.pid);
  await entry.lock.release();
  expect(await runningIn(folder)).toBeUndefined();
  expect((await enterFolder(folder)).kind).toBe("mine");
});

test.skipIf(process.platform !== "linux")("the folder of a killed holder goes to exactly one of those who want it", async () => {
  const folder = await newFolder();
  const script = `import { enterFolder } from ${JSON.stringify(new URL("./up-lock.ts", import.meta.url).href)};
    const entry = await enterFolder(${JSON.stringify(folder)}); await entry.lock.ready("old"); console.log("ready"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  expect((await enterFolder(folder)).kind).toBe("theirs");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await runningIn(folder)).toBeUndefined();

  const entries = Array.from({ length: 8 }, () => enterFolder(folder));
  const first = await Promise.race(entries);
  if (first.kind !== "mine") throw new Error("somebody joined the dead");
  await first.lock.ready("new");
  const all = await Promise.all(entries);
  expect(all.filter((entry) => entry.kind === "mine")).toHaveLength(1);
  expect(await readdir(folder)).toEqual(["up.json"]);
});
