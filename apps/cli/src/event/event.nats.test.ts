import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { scaled, type PackVersion, type RuleDefinition } from "@bellhop/contracts";
import { start } from "@bellhop/engine";
import { activatePack } from "@bellhop/pack-loader";
import { silentLog, type Service } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { commandLine } from "../command-line.ts";

let nats: TestNats;
let bus: Bus;
let folder: string;
let engine: Service;
beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), "bellhop-event-"));
  const durations = scaled(0.1);
  bus = await connectBus({ url: nats.url, name: "test", durations, log: silentLog });
  await bus.setUp();
  await activatePack(bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
  engine = await start({ nats: { url: nats.url }, folder, durations, logLevel: "silent", file: {}, owners: [], concurrency: 8 });
});
afterAll(async () => {
  await engine.stop();
  await bus.drain();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

async function bellhop(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      said[name === "stdout" ? "out" : "err"] += String(text);
      return true;
    }),
  );
  try {
    const code = await commandLine(args, { BELLHOP_FOLDER: join(folder, ".bellhop"), NATS_URL: nats.url });
    return { code, ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("a trigger that is emitted says which rules fired, and can be looked at and played again", async () => {
  const { out } = await bellhop("trigger", "emit", "demo.push", "user=bo", "size=7");
  expect(out).toMatch(/^[0-9A-Z]{26} {2}demo\.push {2}from person \S+\n {2}demo\.greet {2}runs demo\.hello as [0-9A-Z]{26}\n$/);
  const id = out.slice(0, 26);
  const shown = await bellhop("event", "show", id, "--json");
  expect(JSON.parse(shown.out)).toMatchObject({ event: id, payload: { user: "bo", size: 7 }, enforcements: [{ rule: "demo.greet" }] });
  const replayed = await bellhop("event", "replay", id, "--json");
  expect(JSON.parse(replayed.out)).toMatchObject({ trigger: "demo.push", source: { kind: "replay", name: id } });
  const why = await bellhop("rule", "why", id);
  expect(why.out).toBe("demo.greet fires\n  fits    trigger.size gt 5: found 7\n");
});

test("an event that no rule fits says so, and under one key it happens once", async () => {
  await writeFile(join(folder, "small.yaml"), "{user: bo, size: 2}");
  const once = ["trigger", "emit", "demo.push", "--payload", join(folder, "small.yaml"), "--key", "small", "--json"];
  const { out } = await bellhop(...once);
  const said = JSON.parse(out) as { event: string; enforcements: unknown[] };
  expect(said.enforcements).toEqual([]);
  expect(JSON.parse((await bellhop(...once)).out)).toMatchObject({ event: said.event });
  const { out: text, err } = await bellhop("trigger", "emit", "demo.push", "size=2");
  expect(text).toContain("demo.push");
  expect(err).toContain("No rule fired. `bellhop rule why");
});

test("a rule is listed and switched, whatever its file says", async () => {
  expect(JSON.parse((await bellhop("trigger", "list", "--json")).out)).toEqual({
    triggers: [
      { ref: "core.st2.CronTimer", rules: 1, description: "" },
      { ref: "demo.push", rules: 1, description: "somebody pushed" },
    ],
  });
  expect((await bellhop("rule", "disable", "demo.greet")).out).toBe("demo.greet is off.\n");
  expect(JSON.parse((await bellhop("rule", "list", "--json")).out)).toMatchObject({
    rules: [
      { ref: "demo.greet", enabled: false },
      { ref: "demo.nightly", enabled: true },
    ],
  });
  expect((await bellhop("rule", "list")).out).toMatch(/demo\.greet +off +demo\.push +demo\.hello/);
  expect((await bellhop("rule", "enable", "demo.greet")).out).toBe("demo.greet is on.\n");
});

test("timers are listed with the times that come", async () => {
  await vi.waitFor(async () => {
    const { timers } = JSON.parse((await bellhop("timer", "list", "--json")).out) as { timers: { trigger: string; next: string[] }[] };
    expect(timers).toMatchObject([{ trigger: "core.st2.CronTimer", parameters: { hour: 3 } }]);
    expect(timers[0]?.next.map((at) => at.slice(10))).toEqual(Array.from({ length: 5 }, () => "T03:00:00.000Z"));
  }, 20_000);
  expect((await bellhop("timer", "list")).out).toContain("hour=3 timezone=UTC");
});

test.each([
  [["trigger", "emit", "demo.pusch"], "Did you mean demo.push?"],
  [["trigger", "emit", "push"], "expected PACK.TRIGGER"],
  [["trigger", "emit", "demo.push", "a=1", "--payload", "x"], "given twice"],
  [["rule", "disable", "demo.gret"], "Did you mean demo.greet?"],
  [["event", "show", "nothing"], "There is no event nothing."],
])("%j is told what is wrong", async (args, message) => {
  const { code, err } = await bellhop(...args);
  expect(err).toContain(message);
  expect(code).not.toBe(0);
});

const source = { file: "x.yaml", line: 1, column: 1 };
const rule: RuleDefinition = {
  ref: "demo.greet",
  pack: "demo",
  name: "greet",
  description: "",
  enabled: true,
  type: "standard",
  trigger: { type: "demo.push", parameters: {} },
  criteria: { "trigger.size": { type: "gt", pattern: 5 } },
  action: { ref: "demo.hello", parameters: {} },
  source,
};
const pack: PackVersion = {
  v: 1,
  name: "demo",
  version: "1.0.0",
  description: "",
  digest: "demo1",
  actions: [
    {
      ref: "demo.hello",
      pack: "demo",
      name: "hello",
      description: "",
      enabled: true,
      kind: "typescript",
      parameters: {},
      repeatable: false,
      pool: "default",
      source,
    },
  ],
  aliases: [],
  rules: [
    rule,
    { ...rule, ref: "demo.nightly", name: "nightly", trigger: { type: "core.st2.CronTimer", parameters: { hour: 3, timezone: "UTC" } } },
  ],
  triggers: [{ ref: "demo.push", pack: "demo", name: "push", description: "somebody pushed", source }],
};
