import { expect, test } from "vitest";
import { z } from "zod";
import { readWire, wireVersion } from "./wire.ts";

const shape = {
  template: "run.changed.{shard}.{run}",
  schema: z.object({ v: z.number(), steps: z.array(z.object({ name: z.string() })), about: z.record(z.string(), z.unknown()).optional() }),
};
const read = (text: string) => readWire(shape, JSON.parse(text));

test("fields that only a newer program knows are kept, at any depth, whatever they are called", () => {
  const text = `{"v":1,"steps":[{"name":"a","since":{"at":1}},{"name":"b","constructor":"c"}],"toString":[2]}`;
  expect(JSON.stringify(read(text))).toBe(`{"kind":"ok","payload":${text}}`);
});

test("nothing gets into what objects have in common", () => {
  const found = read(`{"v":1,"steps":[{"name":"a","__proto__":{"spread":true}}],"__proto__":{"spread":true}}`);
  expect(found.kind).toBe("ok");
  expect(Object.hasOwn(Object.prototype, "spread")).toBe(false);
  expect(JSON.stringify(found)).toBe(`{"kind":"ok","payload":{"v":1,"steps":[{"name":"a"}]}}`);
});

test.each([
  ["newer", `{"v":${wireVersion + 1},"steps":7}`],
  ["invalid", `{"v":1,"steps":7}`],
  ["invalid", `{"v":1}`],
  ["ok", `{"v":${wireVersion},"steps":[]}`],
])("%s: %s", (kind, text) => {
  expect(read(text).kind).toBe(kind);
});
