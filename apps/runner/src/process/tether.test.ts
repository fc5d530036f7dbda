import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { expect, test } from "vitest";
import { markedProcesses, markVariable, sweepMarks } from "./mark.ts";
import { startTether } from "./tether.ts";

const fresh = () => `test-${randomBytes(6).toString("hex")}.e1`;
const alive = async (mark: string) => (await markedProcesses()).filter((found) => found.mark.startsWith(`${mark}.`));

async function marked(mark: string, script: string): Promise<void> {
  const child = spawn("/bin/sh", ["-c", script], {
    env: { PATH: process.env.PATH, [markVariable]: mark },
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  await once(child.stdout, "data");
  child.unref();
}

test("a sweep ends what carries the mark, wherever it went, and nothing else", async () => {
  const [mine, other] = [fresh(), fresh()];
  await marked(`${mine}.c1`, "setsid sleep 300 & sleep 300 & echo ready; wait");
  await marked(`${other}.c1`, "echo ready; exec sleep 300");
  await expect.poll(() => alive(mine)).toHaveLength(3);
  expect(await sweepMarks({ of: [`${mine}.`] })).toBe(3);
  expect(await alive(mine)).toEqual([]);
  await expect.poll(() => alive(other)).toHaveLength(1);
  expect(await sweepMarks({ of: [`${other}.`], except: [`${other}.c1.`] })).toBe(0);
  expect(await sweepMarks({ of: [`${other}.`] })).toBe(1);
});

test("one name is never the beginning of another", async () => {
  const mark = fresh();
  await marked(`${mark}.c12`, "echo ready; sleep 300; true");
  await expect.poll(() => alive(mark)).toHaveLength(2);
  expect(await sweepMarks({ of: [`${mark}.c1.`] })).toBe(0);
  expect(await sweepMarks({ of: [`${mark}.c12.`] })).toBe(2);
});

test("a released tether leaves nothing behind", async () => {
  const mark = fresh();
  const tether = await startTether(mark);
  await marked(`${mark}.w1`, "setsid sleep 300 & echo ready; wait");
  await tether.release();
  expect(await alive(mark)).toEqual([]);
});
