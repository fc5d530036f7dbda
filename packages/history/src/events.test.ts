import type { RunRecord } from "@bellhop/contracts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openHistory } from "./history.ts";

const folder = mkdtempSync(join(tmpdir(), "bellhop-events-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The log of the nth event, a minute after the one before. */
function record(number: number, rules: readonly string[], more: Partial<NonNullable<RunRecord["fired"]>> = {}): RunRecord {
  const at = new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString();
  const id = `01M81F9FN6MT3DPSK756S67G${String(number).padStart(2, "0")}`;
  const fired = {
    trigger: number % 2 === 0 ? "demo.push" : "core.st2.webhook",
    payload: { inline: {} },
    source: { kind: "webhook" as const, name: "github" },
    firedAt: at,
    enforcements: rules.map((rule) => ({ rule, action: "core.noop", run: `run of ${rule}` })),
    ...more,
  };
  return { v: 1, run: id, revision: 1, event: { id: `e${number}`, kind: "fired" }, fired, commands: [], at };
}

test("events are listed newest first, by trigger, rule and time; told twice they are there once", async () => {
  const history = await openHistory({ kind: "sqlite", file: join(folder, "history.db") });
  try {
    const records = [record(1, ["a.one"]), record(2, ["a.one", "a.two"]), record(3, []), record(4, [], { refused: "too many" })];
    const entries = records.map((one, index) => ({ record: one, sequence: index + 1 }));
    const [start, after] = [await history.position(), { stream: "s", sequence: 4 }];
    await history.apply({ from: start, to: after, entries });
    await history.apply({ from: after, to: { stream: "s", sequence: 5 }, entries: entries.slice(0, 2) });
    const numbers = async (filter: object) => (await history.events({ limit: 10, ...filter })).map(({ id }) => Number(id.slice(-2)));
    expect(await numbers({})).toEqual([4, 3, 2, 1]);
    expect(await numbers({ rule: "a.one" })).toEqual([2, 1]);
    expect(await numbers({ rule: "a.on" })).toEqual([]);
    expect(await numbers({ trigger: "demo.push" })).toEqual([4, 2]);
    expect(await numbers({ since: Date.UTC(2026, 0, 1, 0, 3) })).toEqual([4, 3]);
    expect(await numbers({ limit: 1, before: records[3]?.run })).toEqual([3]);
    expect((await history.events({ limit: 1 }))[0]).toMatchObject({ refused: "too many", source: { name: "github" }, enforcements: [] });
    await history.forget({ before: Date.UTC(2026, 0, 1, 0, 3), limit: 10 });
    expect(await numbers({})).toEqual([4, 3]);
  } finally {
    await history.close();
  }
});
