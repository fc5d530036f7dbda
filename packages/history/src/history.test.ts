import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describePlace, openHistory, type History, type HistoryPlace, type Position } from "./history.ts";
import type { PastRunInFull, RunFilter } from "./past-run.ts";
import { startPostgres, type TestPostgres } from "./testing-postgres.ts";
import { begun, recordOf, type Told } from "./testing.ts";
import type { HistoryEntry } from "./write.ts";

let folder = "";
let postgres: TestPostgres | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellhop-history-"));
  postgres = await startPostgres();
}, 120_000);
afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

const made = "2025-12-31T00:00:00.000Z";
const minute = 60_000;
let opened = 0;

/** A fresh history each time. */
const places: Record<string, () => Promise<HistoryPlace | undefined>> = {
  SQLite: async () => ({ kind: "sqlite", file: join(folder, `${opened++}`, "history.db") }),
  PostgreSQL: async () => (postgres === undefined ? undefined : { kind: "postgres", url: await postgres.database() }),
};

/** The case table runs on both. */
describe.each(Object.entries(places))("%s", (_, placeOf) => {
  /** Skipped where the database can't be had; `startPostgres` says so. */
  const on = (name: string, check: (history: History, place: HistoryPlace) => Promise<void>) =>
    test(name, { timeout: 60_000 }, async ({ skip }) => {
      const place = await placeOf();
      if (place === undefined) return skip("no PostgreSQL");
      const history = await openHistory(place);
      try {
        await check(history, place);
      } finally {
        await history.close();
      }
    });

  on("what is applied twice, or in another order, leaves the same rows", async (history) => {
    const entries = entriesOf(Array.from({ length: 70 }, (__, index) => ({ number: index + 1 })));
    await applyAll(history, entries);
    const inOrder = await everything(history);
    await applyAll(history, entries);
    expect(await everything(history)).toEqual(inOrder);
    const other = await openHistory((await placeOf()) ?? expect.unreachable());
    await applyAll(other, entries.toReversed());
    await applyAll(other, entries.slice(10, 50));
    expect(await everything(other)).toEqual(inOrder);
    await other.close();
    expect(inOrder).toHaveLength(70);
    expect(inOrder[0]).toMatchObject({
      status: "succeeded",
      revision: 2,
      steps: [
        { revision: 1, event: "asked" },
        { revision: 2, event: "finished" },
      ],
    });
  });

  on("a batch is written whole, with its position, or not at all", async (history) => {
    const entries = entriesOf([{ number: 1 }]);
    const from = await history.position();
    expect(from).toEqual({ stream: "", sequence: 0 });
    const to = { stream: made, sequence: 2 };
    expect(await history.apply({ from, to, entries })).toBe("applied");
    // Somebody else's position.
    expect(await history.apply({ from, to: { stream: made, sequence: 9 }, entries: entriesOf([{ number: 2 }]) })).toBe("moved");
    expect(await history.position()).toEqual(to);
    expect(await history.list({ limit: 10 })).toHaveLength(1);
    const broken = [...entriesOf([{ number: 3 }]), ...entriesOf([{ number: 4, user: null as unknown as string }])];
    await expect(history.apply({ from: to, to: { stream: made, sequence: 8 }, entries: broken })).rejects.toThrow();
    expect(await history.position()).toEqual(to);
    expect(await history.list({ limit: 10 })).toHaveLength(1);
  });

  on("of two that write from one position, one does", async (history, place) => {
    const second = await openHistory(place);
    const from = await history.position();
    const writers = [history, second].map((one, index) =>
      one.apply({ from, to: { stream: made, sequence: index + 1 }, entries: entriesOf([{ number: 1 }]) }),
    );
    expect((await Promise.all(writers)).toSorted()).toEqual(["applied", "moved"]);
    await second.close();
  });

  on("filters find what they name, and nothing else", async (history) => {
    await applyAll(history, entriesOf(told));
    for (const [filter, numbers] of found) {
      const listed = await history.list({ limit: 100, ...filter });
      expect([filter, listed.map(({ input }) => input["n"])]).toEqual([filter, numbers]);
    }
  });

  on("pages go on from a run, newest first, also within a filter", async (history) => {
    await applyAll(history, entriesOf(Array.from({ length: 25 }, (__, index) => ({ number: index + 1, input: { n: index + 1 } }))));
    for (const filter of [{}, { status: ["succeeded" as const] }, { text: "said", person: "ana" }]) {
      const seen: unknown[] = [];
      for (let before: string | undefined; ;) {
        const page = await history.list({ ...filter, limit: 7, before });
        if (page.length === 0) break;
        seen.push(...page.map(({ input }) => input["n"]));
        before = page.at(-1)?.id;
      }
      expect(seen).toEqual(Array.from({ length: 25 }, (__, index) => 25 - index));
    }
    await expect(history.list({ limit: 1, before: "nobody" })).rejects.toMatchObject({ code: "run_unknown" });
  });

  on("a run is shown by its id or the end of it", async (history) => {
    const entries = entriesOf([{ number: 1 }, { number: 2 }]);
    await applyAll(history, entries);
    const id = entries[0]?.record.run ?? "";
    expect(await history.show(id)).toMatchObject({
      id,
      status: "succeeded",
      output: "said hi",
      reply: "said hi",
      answers: "slack/A1/T1/C1/1",
      ms: 40,
    });
    expect(await history.show(id.slice(-8).toLowerCase())).toMatchObject({ id });
    for (const nobody of ["ABCDEF", "%%%%%%%", id.slice(-5), ""]) expect(await history.show(nobody)).toBeUndefined();
  });

  on("a status that changes is found under the new one alone", async (history) => {
    const [first, last] = recordOf({ number: 1, status: "failed" });
    await applyAll(history, [{ record: first, sequence: 1 }]);
    expect(await history.list({ status: ["scheduled"], limit: 9 })).toHaveLength(1);
    await applyAll(history, [{ record: last, sequence: 2 }]);
    expect(await history.list({ status: ["scheduled"], limit: 9 })).toEqual([]);
    expect(await history.list({ status: ["failed"], limit: 9 })).toHaveLength(1);
  });

  on("runs of one millisecond keep apart, and all are found", async (history) => {
    const entries = entriesOf(Array.from({ length: 200 }, (__, index) => ({ number: 1, channel: `C${index}` })));
    await applyAll(history, entries);
    expect(new Set((await history.list({ limit: 500 })).map(({ id }) => id)).size).toBe(200);
    expect(await history.list({ room: "C150", limit: 9 })).toHaveLength(1);
  });

  on("old runs are forgotten with all that is known of them; one that still lives stays", async (history) => {
    await applyAll(history, [
      ...entriesOf([{ number: 1 }, { number: 2 }, { number: 3 }]),
      { record: recordOf({ number: 1, channel: "C9" })[0], sequence: 9 },
    ]);
    const before = begun + 2 * minute;
    expect(await history.forget({ before, limit: 1 })).toBe(1);
    expect(await history.forget({ before, limit: 9 })).toBe(1);
    expect(await history.forget({ before, limit: 9 })).toBe(0);
    expect((await history.list({ limit: 9 })).map(({ status }) => status)).toEqual(["succeeded", "scheduled"]);
    expect(await history.list({ text: "said", limit: 9 })).toHaveLength(1);
  });

  on("a rebuild takes away what the log holds from its first step on, or everything, and sets the position back", async (history) => {
    const entries = entriesOf([{ number: 1 }, { number: 2 }, { number: 3 }]);
    await applyAll(history, entries);
    const all = await everything(history);
    // The log lost the first record of the first run.
    expect(await history.rebuild({ log: { stream: made, first: 2 }, all: false })).toBe(2);
    expect(await history.position()).toEqual({ stream: made, sequence: 1 });
    await applyAll(history, entries.slice(1));
    expect(await everything(history)).toEqual(all);
    // Runs of a log that was made later.
    expect(await history.rebuild({ log: { stream: new Date(begun + 2 * minute).toISOString(), first: 1 }, all: false })).toBe(1);
    expect(await history.rebuild({ log: { stream: made, first: 5 }, all: true })).toBe(2);
    expect(await everything(history)).toEqual([]);
  });

  on("opened again, it is as it was", async (history, place) => {
    await applyAll(history, entriesOf([{ number: 1 }]));
    const again = await openHistory(place);
    expect(await everything(again)).toEqual(await everything(history));
    await again.close();
  });
});

test("a file is made for its owner alone, with what SQLite lays beside it", async () => {
  const file = join(folder, "private", "history.db");
  const history = await openHistory({ kind: "sqlite", file });
  await applyAll(history, entriesOf([{ number: 1 }]));
  for (const path of [file, `${file}-wal`, `${file}-shm`]) expect((await stat(path)).mode & 0o077).toBe(0);
  await history.close();
});

test("a database that can't be had is named without its password", async () => {
  const place: HistoryPlace = { kind: "postgres", url: "postgres://u:hush@127.0.0.1:1/d" };
  expect(describePlace(place)).toBe("postgres://127.0.0.1:1/d");
  const failure = await openHistory(place).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "history_unavailable", message: expect.stringContaining("postgres://127.0.0.1:1/d") as string });
  expect(JSON.stringify((failure as { data: object }).data)).not.toContain("hush");
});

test("the tables of a release that knew no instances are carried on", async () => {
  const file = join(folder, "old", "history.db");
  const before = await openHistory({ kind: "sqlite", file });
  await applyAll(before, entriesOf([{ number: 1 }]));
  await before.close();
  const tables = new DatabaseSync(file);
  tables.exec(
    `alter table runs drop column config; alter table runs drop column parent; alter table steps drop column tasks; drop table events;
    delete from kysely_migration where name > '2026-11-history'`,
  );
  tables.close();
  const after = await openHistory({ kind: "sqlite", file });
  await applyAll(after, entriesOf([{ number: 1 }, { number: 2, config: "work" }]));
  expect((await after.list({ limit: 5 })).map(({ config }) => config)).toEqual(["work", undefined]);
  await after.close();
});

const told: Told[] = [
  { number: 1, input: { n: 1, text: "deploy web-prod-1" } },
  { number: 2, input: { n: 2 }, status: "failed", action: "linux.reboot", user: "U2", name: "Bob Ünlü", reply: "Café is closed" },
  { number: 3, input: { n: 3 }, status: "timeout", channel: "C2" },
  { number: 4, input: { n: 4, text: "deploy api" }, user: "U2", name: "Bob Ünlü" },
  // PostgreSQL takes no text with a NUL in it.
  { number: 5, input: { n: 5, deep: [{ word: "needle\0" }] }, status: "failed", channel: "C2", reply: "said \0 hi" },
];

/** Filters, and the runs they find: newest first. */
const found: [Partial<RunFilter>, number[]][] = [
  [{}, [5, 4, 3, 2, 1]],
  [{ limit: 2 }, [5, 4]],
  [{ status: ["failed"] }, [5, 2]],
  [{ status: ["timeout", "failed", "failed"] }, [5, 3, 2]],
  [{ status: ["abandoned"] }, []],
  [{ action: "linux.reboot" }, [2]],
  [{ action: "linux" }, []],
  [{ person: "slack:T1/U2" }, [4, 2]],
  [{ person: "bob ünlü" }, [4, 2]],
  [{ person: "U2" }, []],
  [{ room: "slack:T1/C2" }, [5, 3]],
  [{ room: "c2" }, [5, 3]],
  [{ since: begun + 2 * minute }, [5, 4, 3]],
  [{ until: begun + 2 * minute }, [2, 1]],
  [{ since: begun + minute, until: begun + 4 * minute, status: ["failed"] }, [2]],
  [{ text: "deploy" }, [4, 1]],
  [{ text: "PROD deploy" }, [1]],
  [{ text: "deplo" }, []],
  [{ text: "needle" }, [5]],
  [{ text: "cafe" }, [2]],
  [{ text: "***" }, []],
  [{ text: '" OR "' }, []],
  [{ text: "said", room: "C2", person: "ana", status: ["failed"], action: "core.echo" }, [5]],
];

function entriesOf(runs: readonly Told[]): HistoryEntry[] {
  return runs.flatMap((run) => recordOf(run)).map((record, index) => ({ record, sequence: index + 1 }));
}

/** In batches, as the projector does. */
async function applyAll(history: History, entries: readonly HistoryEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += 30) {
    const from: Position = await history.position();
    const to = { stream: made, sequence: from.sequence + 30 };
    expect(await history.apply({ from, to, entries: entries.slice(at, at + 30) })).toBe("applied");
  }
}

async function everything(history: History): Promise<(PastRunInFull | undefined)[]> {
  return await Promise.all((await history.list({ limit: 500 })).map(({ id }) => history.show(id)));
}
