import { spawn } from "node:child_process";
import { silentLog } from "@bellhop/service";
import { createKeeper } from "../src/process/keeper.ts";

// What a shell command costs through the keeper, against a bare spawn from this process, once while it is small and once with 200 MB touched.

const rounds = 200;

const keeper = createKeeper({ mark: () => `bench-${process.pid}.e`, killGraceMs: 500, log: silentLog });
const viaKeeper = () =>
  keeper.run({ file: "/bin/sh", args: ["-c", "echo hi"], env: {}, signal: new AbortController().signal, onOutput: () => {} });
const bare = () =>
  new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", "echo hi"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.resume();
    child.stderr.resume();
    child.on("close", resolve);
  });

for (let i = 0; i < 20; i++) await Promise.all([viaKeeper(), bare()]);
const small = { bare: await median(bare), keeper: await median(viaKeeper) };
const ballast = Array.from({ length: 200 }, () => Buffer.alloc(1024 * 1024, 1));
const big = { bare: await median(bare), keeper: await median(viaKeeper) };
await keeper.stop();
if (ballast.length === 0) process.exit(1);

const over = (name: string, value: number, floor: number) => ({
  name,
  value: round(value - floor),
  unit: "ms",
  against: { name: "bare spawn from a small process", value: round(floor), unit: "ms" },
  aim: "<= 2",
  holds: value - floor <= 2,
});
process.stdout.write(
  `${JSON.stringify({
    bench: "spawn",
    figures: [
      { name: "bare spawn, small parent, p50", value: round(small.bare), unit: "ms" },
      { name: "bare spawn, parent with 200 MB, p50", value: round(big.bare), unit: "ms" },
      over("through the keeper, above the bare spawn", small.keeper, small.bare),
      over("through the keeper from 200 MB, above the bare spawn", big.keeper, small.bare),
    ],
    not_measured: ["many commands at once", "the start of the keeper itself (about 50 ms, with the first command)", "large output"],
  })}\n`,
);

/** Five rounds' medians' median, in milliseconds. */
async function median(once: () => Promise<unknown>): Promise<number> {
  const medians: number[] = [];
  for (let round = 0; round < 5; round++) {
    const times: number[] = [];
    for (let i = 0; i < rounds / 5; i++) {
      const from = performance.now();
      await once();
      times.push(performance.now() - from);
    }
    medians.push(middle(times));
  }
  return middle(medians);
}

function middle(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
