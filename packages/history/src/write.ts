import type { RunRecord } from "@bellhop/contracts";
import type { Kysely } from "kysely";
import { chunks } from "./chunks.ts";
import { eventOf, writeEvents } from "./events.ts";
import { placeOf, settle } from "./place.ts";
import { project, type Projected } from "./project.ts";
import type { RunRow, Tables } from "./schema.ts";
import type { TermIndex } from "./term-index.ts";
import { labelTerm, wordTerms, type Term } from "./terms.ts";

/** A record and its place in the stream. */
export interface HistoryEntry {
  record: RunRecord;
  sequence: number;
}

/** Writes what records say, within a transaction. Applied twice, or in another order, they leave the same rows. */
export async function writeEntries(at: { db: Kysely<Tables>; index: TermIndex; entries: readonly HistoryEntry[] }): Promise<void> {
  const { db, index, entries } = at;
  await writeEvents(
    db,
    entries.map(eventOf).filter((one) => one !== undefined),
  );
  const projected = entries.map(project).filter((one) => one !== undefined);
  if (projected.length === 0) return;
  const latest = latestByRun(projected);
  const known = await knownRuns(db, [...latest.keys()]);
  const fresh = [...latest.keys()].filter((run) => !known.has(run));
  const places = await placesFor(db, fresh);
  const numberOf = (run: string): number => known.get(run)?.n ?? places.get(run) ?? placeOf(run);

  const rows = [...latest.values()]
    .filter((run) => run.revision > (known.get(run.id)?.revision ?? 0))
    .map((run) => storable({ n: numberOf(run.id), ...run, ...inputFrom(known.get(run.id), run) }));
  for (const some of chunks(rows)) {
    await db
      .insertInto("runs")
      .values(some)
      .onConflict((conflict) =>
        conflict
          .column("n")
          .doUpdateSet((excluded) => Object.fromEntries(changing.map((name) => [name, excluded.ref(`excluded.${name}`)]))),
      )
      .execute();
    await index.put(
      db,
      some.map((run) => ({ n: run.n, terms: termsOf(run) })),
    );
  }
  const steps = projected.map(({ run, step }) => ({ n: numberOf(run.id), ...step }));
  for (const some of chunks(steps)) {
    await db
      .insertInto("steps")
      .values(some)
      .onConflict((conflict) => conflict.columns(["n", "revision"]).doNothing())
      .execute();
  }
}

type Run = Projected["run"];

/** PostgreSQL takes every character but one. */
function storable(row: RunRow): RunRow {
  const texts = Object.entries(row).filter(([, value]) => typeof value === "string" && value.includes("\0"));
  return texts.length === 0
    ? row
    : { ...row, ...Object.fromEntries(texts.map(([name, text]) => [name, String(text).replaceAll("\0", "\ufffd")])) };
}

/** The highest revision of each run. */
function latestByRun(projected: readonly Projected[]): Map<string, Run> {
  const latest = new Map<string, Run>();
  for (const { run } of projected) {
    const before = latest.get(run.id);
    if (run.revision > (before?.revision ?? 0)) latest.set(run.id, { ...run, ...inputFrom(before, run) });
  }
  return latest;
}

/** Not every record of a workflow says what it was asked with. */
function inputFrom(before: Pick<Run, "input"> | undefined, run: Run): Pick<Run, "input"> {
  return run.input === none && before !== undefined ? { input: before.input } : { input: run.input };
}

const none = "{}";

async function knownRuns(db: Kysely<Tables>, runs: readonly string[]) {
  const found = await db.selectFrom("runs").select(["id", "n", "revision", "input"]).where("id", "in", runs).execute();
  return new Map(found.map((row) => [row.id, row]));
}

async function placesFor(db: Kysely<Tables>, runs: readonly string[]): Promise<Map<string, number>> {
  let taken = new Set<number>();
  for (;;) {
    const places = settle(runs, taken);
    const wanted = [...places.values()];
    if (wanted.length === 0) return places;
    const found = await db.selectFrom("runs").select("n").where("n", "in", wanted).execute();
    if (found.length === 0) return places;
    taken = new Set([...taken, ...found.map(({ n }) => n)]);
  }
}

function termsOf(run: RunRow): Term[] {
  const words = [run.action, run.alias, run.person_name, ...textsOf(run.input), problemText(run.problem), run.reply ?? run.output];
  return [
    labelTerm("status", run.status),
    labelTerm("action", run.action),
    labelTerm("person", run.person),
    ...(run.person_name === null ? [] : [labelTerm("person", run.person_name)]),
    labelTerm("room", run.room),
    labelTerm("room", run.channel),
    ...wordTerms(words.filter((text) => text !== null)),
  ];
}

/** Every text and number in a JSON value. */
function textsOf(json: string): string[] {
  const texts: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === "string" || typeof value === "number") texts.push(String(value));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit(JSON.parse(json));
  return texts;
}

function problemText(json: string | null): string | null {
  return json === null ? null : (JSON.parse(json) as { message: string }).message;
}

/** What a higher revision of a run may have changed. */
const changing = [
  "revision",
  "status",
  "attempts",
  "started_at",
  "ended_at",
  "ms",
  "input",
  "problem",
  "reply",
  "output",
  "output_object",
  "output_bytes",
] as const satisfies readonly (keyof RunRow)[];
