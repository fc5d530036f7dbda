import { buckets } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { expect, test, vi } from "vitest";
import { ruleOf, startScene, until, type Scene } from "../testing.ts";

test("no tick is lost or doubled over a kill, a stop and two engines at once", async () => {
  const scene = await startScene();
  try {
    await activate(scene, "all");
    // Killed amid what the first ticks led to.
    expect(await scene.crashEngine("engine.saved:2")).toBe("engine.saved");
    const first = await scene.startEngine();
    const second = await scene.startEngine();
    await until(() => moments(scene).length >= 4);
    await Promise.all([first.stop(), second.stop()]);
    const before = moments(scene).length;
    // Two seconds pass while nobody is there.
    const missed = Date.now() + 2_000;
    await until(() => Date.now() > missed);
    await scene.startEngine();
    // What was missed is fired at once, and its runs are begun in any order: each second comes once, and none is left out in the end.
    const seconds = () => moments(scene).map((at, _, [first = 0]) => Math.round((at - first) / 1000));
    await expect
      .poll(() => seconds().slice(0, before + 3), { timeout: 45_000 })
      .toEqual(Array.from({ length: before + 3 }, (_, second) => second));
    expect(seconds()).toEqual([...new Set(seconds())]);
  } finally {
    await scene.end();
  }
});

test("a tick comes when the clock says so, although it was set while it was waited for", async () => {
  const scene = await startScene();
  try {
    await activate(scene, "once", { unit: "weeks", delta: 1 });
    await scene.startEngine();
    await until(async () => (await scene.bus.bucket(buckets.tick).entries(">")).length === 1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 8 * 86_400_000 });
    await until(() => moments(scene).length === 1);
  } finally {
    vi.useRealTimers();
    await scene.end();
  }
});

test("a timer that no rule waits for any more is forgotten", async () => {
  const scene = await startScene();
  try {
    await activate(scene, "once");
    await scene.startEngine();
    const ticks = scene.bus.bucket(buckets.tick);
    await until(async () => (await ticks.entries(">")).length === 1);
    await activatePack(scene.bus, {
      version: { ...packOf("once"), digest: "demo2", rules: [] },
      files: { v: 1, digest: "demo2", files: [] },
    });
    await until(async () => (await ticks.entries(">")).length === 0);
  } finally {
    await scene.end();
  }
});

async function activate(scene: Scene, missed: string, every?: { unit: string; delta: number }): Promise<void> {
  const version = packOf(missed, every);
  await activatePack(scene.bus, { version, files: { v: 1, digest: version.digest, files: [] } });
}

/** When ticks were due, as their runs were told, each once for each run. */
function moments(scene: Scene): number[] {
  const runs = new Map(scene.requests.map(({ run, input }) => [run, Date.parse(String(input["name"]))]));
  return [...runs.values()].toSorted((a, b) => a - b);
}

function packOf(missed: string, every = { unit: "seconds", delta: 1 }) {
  const rule = ruleOf("demo", "every", {
    trigger: { type: "core.st2.IntervalTimer", parameters: { ...every, missed } },
    action: { ref: "hello.greet", parameters: { name: "{{ trigger.executed_at }}" } },
  });
  return { v: 1 as const, name: "demo", version: "1.0.0", description: "", digest: "demo1", actions: [], aliases: [], rules: [rule] };
}
