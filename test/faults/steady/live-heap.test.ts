import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { until } from "../../until.ts";
import { liveHeapMegabytes } from "./live-heap.ts";

test("garbage does not count, what is held does", async () => {
  const program = `
    const held = [];
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const made = Array.from({ length: 400_000 }, (_, index) => ({ index }));
      if (line === "hold") held.push(made);
      console.log("done");
    });
    console.log("ready");`;
  const child = spawn(process.execPath, ["--inspect-port=0", "-e", program], { stdio: ["pipe", "pipe", "ignore"] });
  try {
    const lines = createInterface({ input: child.stdout });
    await once(lines, "line");
    const make = async (what: string) => {
      child.stdin.write(`${what}\n`);
      await once(lines, "line");
      return (await liveHeapMegabytes(child.pid ?? 0)) ?? 0;
    };
    const bare = (await liveHeapMegabytes(child.pid ?? 0)) ?? 0;
    expect(bare).toBeGreaterThan(1);
    // What was made a moment ago may live through a collection, and large arrays are given back a moment after it.
    const dropped: number[] = [];
    await until(async () => dropped.push((await make("drop")) - bare) > 0 && Math.min(...dropped) < 1, { instead: () => dropped });
    await make("hold");
    expect((await make("drop")) - bare).toBeGreaterThan(5);
  } finally {
    child.kill("SIGKILL");
  }
});

test("a process that is gone has none", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  expect(await liveHeapMegabytes(child.pid ?? 0)).toBeUndefined();
});
