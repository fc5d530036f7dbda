import { afterEach, beforeEach, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import { startScene, until, type Scene } from "./scene.ts";

let scene: Scene;
let bus: Bus;

beforeEach(async () => {
  scene = await startScene();
  bus = await scene.connect({ role: "operator" });
});
afterEach(() => scene.end());

const bytes = (text: string) => new TextEncoder().encode(text);
const large = new Uint8Array(300_000).fill(7);
const now = { olderThanMs: 0 };
const hour = { olderThanMs: 3_600_000 };

async function messages(): Promise<number | undefined> {
  return (await bus.snapshots.state("OBJ_values"))?.messages;
}

test("what was put is got back, and is there", async () => {
  const values = bus.objects("values");
  await values.put("a", large);
  expect(await values.get("a")).toEqual(large);
  expect([await values.has("a"), await values.has("b")]).toEqual([true, false]);
});

test("objects are old once nobody put them for a while", async () => {
  const values = bus.objects("values");
  await values.put("a", bytes("one"));
  expect(await values.old(hour)).toEqual([]);
  expect(await values.old(now)).toMatchObject([{ name: "a", bytes: 3 }]);
});

test("removing takes chunks and record away, and leaves other objects alone", async () => {
  const values = bus.objects("values");
  await values.put("a", large);
  await values.put("b", bytes("two"));
  const found = await values.old(now);
  const a = found.find(({ name }) => name === "a");
  expect(a && (await values.remove(a))).toBe(true);
  expect([await values.get("a"), await values.get("b")]).toEqual([undefined, bytes("two")]);
  expect(await messages()).toBe(2);
});

test.each<[string, (name: string) => Promise<unknown>]>([
  ["put", (name) => bus.objects("values").put(name, large)],
  ["put as a stream", (name) => bus.objects("values").putStream(name, chunks())],
])("what was %s again since it was found to be old stays", async (_, again) => {
  const values = bus.objects("values");
  await values.put("a", large);
  const [old] = await values.old(now);
  await again("a");
  expect(old && (await values.remove(old))).toBe(false);
  expect(await values.get("a")).toEqual(large);
});

test("what was removed can be put again", async () => {
  const values = bus.objects("values");
  await values.put("a", large);
  const [old] = await values.old(now);
  if (old !== undefined) await values.remove(old);
  await values.put("a", large);
  expect(await values.get("a")).toEqual(large);
  expect(await values.tidy(now)).toBe(0);
  expect(await values.get("a")).toEqual(large);
});

test("of many that put and remove the same at once, every put is there afterwards", async () => {
  const values = bus.objects("values");
  const other = (await scene.connect()).objects("values");
  for (let round = 0; round < 30; round++) {
    await values.put("a", large);
    const [old] = await values.old(now);
    await Promise.all([old && values.remove(old), other.put("a", large)]);
    expect(await values.get("a")).toEqual(large);
  }
  await values.tidy(now);
  expect(await values.get("a")).toEqual(large);
  expect(await messages()).toBe(4);
});

test("a value that is kept no more says so in words for people", async () => {
  const value = await bus.storeValue("x".repeat(50_000));
  const values = bus.objects("values");
  for (const old of await values.old(now)) await values.remove(old);
  await expect(bus.loadValue(value)).rejects.toMatchObject({ code: "value_gone", message: "The 50002 bytes of it are not kept any more." });
});

test("chunks of a put that never ended are tidied away once they are old", async () => {
  const values = bus.objects("values");
  await values.put("a", bytes("one"));
  await values.putStream("b", broken()).catch(() => undefined);
  // They are on their way when the source fails.
  await until(async () => (await messages()) === 5);
  expect(await values.tidy(hour)).toBe(0);
  expect(await values.tidy(now)).toBe(1);
  expect([await messages(), await values.get("a")]).toEqual([2, bytes("one")]);
});

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield large;
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield large;
  throw new Error("the disk is gone");
}
