import { expect, test } from "vitest";
import { defineConfig } from "./config.ts";
import { runSensor } from "./host.ts";
import { defineSensor, isSensor, type AnySensor } from "./sensor.ts";
import { pollSensor } from "./testing.ts";
import { z } from "zod";

const config = defineConfig({ least: z.number().default(0) });
const numbers = defineSensor({
  description: "Numbers that grow",
  triggers: { number: z.object({ n: z.number(), why: z.string().default("it grew") }).describe("There is a number."), end: z.null() },
  config,
  every: 0.001,
  poll: async ({ emit, state, config: { least }, partition: { index, count } }) => {
    const after = Number((await state.get("after")) ?? least);
    for (const n of [after + 1, after + 2]) if (n % count === index) await emit("number", { n }, { key: String(n) });
    await state.set("after", after + 2);
  },
});

test("a look tells its events, and the next one goes on from what it remembers", async () => {
  const state = new Map<string, unknown>();
  expect(isSensor(numbers)).toBe(true);
  expect(await pollSensor(numbers, { state })).toEqual([
    { trigger: "number", payload: { n: 1, why: "it grew" }, key: "1" },
    { trigger: "number", payload: { n: 2, why: "it grew" }, key: "2" },
  ]);
  expect((await pollSensor(numbers, { state, partition: { index: 1, count: 2 } })).map(({ key }) => key)).toEqual(["3"]);
  expect(state).toEqual(new Map([["after", 4]]));
});

test("what a sensor tells twice under one key is one event", async () => {
  const twice = defineSensor({
    description: "Twice",
    triggers: { found: z.string() },
    run: async ({ emit }) => {
      for (const key of ["a", "a", undefined, undefined]) await emit("found", "it", key === undefined ? {} : { key });
    },
  });
  expect(await pollSensor(twice)).toHaveLength(3);
});

test("a trigger of another pack is told by its whole name", async () => {
  const foreign = defineSensor({
    description: "Foreign",
    triggers: { found: z.string() },
    run: async ({ emit }) => void (await emit("core.st2.webhook", { body: {} }, { key: "k" })),
  });
  expect(await pollSensor(foreign)).toEqual([{ trigger: "core.st2.webhook", payload: { body: {} }, key: "k" }]);
});

test.each<[string, (tell: (trigger: "number", payload: never) => Promise<unknown>) => Promise<unknown>, string]>([
  ["a payload that does not fit", (tell) => tell("number", { n: "two" } as never), "what it told of number does not fit: n: "],
  ["a trigger that it does not declare", (tell) => tell("letter" as never, null as never), "it declares no trigger letter"],
])("%s is refused", async (_, tell, message) => {
  const odd = defineSensor({
    description: "Odd",
    triggers: { number: z.object({ n: z.number() }) },
    run: async ({ emit }) => void (await tell(emit as never)),
  });
  await expect(pollSensor(odd)).rejects.toThrow(message);
});

test("a configuration that does not fit is told by its place, never by its value", async () => {
  const rejected = pollSensor(numbers, { config: { least: "hunter2" } });
  await expect(rejected).rejects.toMatchObject({ code: "sensor_failed" });
  await expect(rejected).rejects.toThrow(/its configuration does not fit: least: (?!.*hunter2)/);
});

test("a sensor looks until it is told to stop, and says when a look is under way", async () => {
  const stop = new AbortController();
  const looks: boolean[] = [];
  const told: unknown[] = [];
  await runSensor(numbers as unknown as AnySensor, {
    signal: stop.signal,
    looking: (is) => looks.push(is),
    host: {
      sensor: "shop.numbers",
      config: {},
      partition: { index: 0, count: 1 },
      log: { debug() {}, info() {}, warn() {}, error() {} },
      state: { get: async () => undefined, set: async () => undefined, delete: async () => undefined },
      emit: async (_, payload) => {
        told.push(payload);
        if (told.length === 4) stop.abort();
        return { event: "e", again: false };
      },
    },
  });
  expect(looks).toEqual([true, false, true, false]);
});

test("what can't work does not compile", () => {
  const triggers = { found: z.object({ path: z.string() }) };
  const description = "A sensor";
  // @ts-expect-error it fires no such trigger
  defineSensor({ description, triggers, run: async ({ emit }) => void (await emit("lost", { path: "" })) });
  // @ts-expect-error a path is text
  defineSensor({ description, triggers, run: async ({ emit }) => void (await emit("found", { path: 1 })) });
  // @ts-expect-error one that looks says how often
  defineSensor({ description, triggers, poll: async () => undefined });
  // @ts-expect-error it looks or listens, not both
  defineSensor({ description, triggers, every: 1, poll: () => undefined, run: () => undefined });
  // @ts-expect-error the configuration has no such value
  defineSensor({ description, triggers, config, every: 1, poll: ({ config: { most } }) => void most });
});
