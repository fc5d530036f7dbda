import { existsSync } from "node:fs";
import { codeOf, problem } from "@bellhop/contracts";
import { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { listEvents, type EventFilter, type PastEvent } from "./events.ts";
import type { PastRun, PastRunInFull, RunFilter } from "./past-run.ts";
import { placeAt } from "./place.ts";
import { listRuns, showRun } from "./read.ts";
import { migrations, type Dialect, type Tables } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";
import { termIndexes } from "./term-index.ts";
import { writeEntries, type HistoryEntry } from "./write.ts";

/** Where it lies: a file for SQLite, or `postgres://…`. */
export type HistoryPlace = { kind: "sqlite"; file: string } | { kind: "postgres"; url: string };

/** How far the log was read. */
export interface Position {
  /** When the stream was made; empty before anything was read. */
  stream: string;
  sequence: number;
}

/** Every run there was, with its steps. Only the projector writes entries. */
export interface History {
  position(): Promise<Position>;
  /** Writes entries and the new position, or nothing where the position is another than `from`: then somebody else wrote, or asked for a rebuild. */
  apply(batch: { from: Position; to: Position; entries: readonly HistoryEntry[] }): Promise<"applied" | "moved">;
  /** Newest first. @throws Problem run_unknown where `before` names no run */
  list(filter: RunFilter): Promise<PastRun[]>;
  /** By its id or the end of it. @throws Problem run_ambiguous */
  show(run: string): Promise<PastRunInFull | undefined>;
  /** What happened, newest first. */
  events(filter: EventFilter): Promise<PastEvent[]>;
  /** Takes runs away that were asked for before this (epoch milliseconds) and are over, so many at most. @returns how many */
  forget(options: { before: number; limit: number }): Promise<number>;
  /** Has the log read again: takes away the runs that it holds from their first step on (every run with `all`) and sets the position back. In small
   *  steps, so that the projector can work meanwhile.
   *  @param options.log when the stream was made (ISO 8601), and the first sequence it still has
   *  @returns how many runs were taken away */
  rebuild(options: { log: { stream: string; first: number }; all: boolean }): Promise<number>;
  close(): Promise<void>;
}

/** Opens the history, and makes or upgrades its tables. @throws Problem history_unavailable, history_newer */
export async function openHistory(place: HistoryPlace): Promise<History> {
  const { kind } = place;
  try {
    const db = new Kysely<Tables>({
      dialect: kind === "sqlite" ? sqliteDialect(place.file) : await (await import("./postgres.ts")).postgresDialect(place.url),
    });
    try {
      await migrate(db, kind);
    } catch (error) {
      await db.destroy();
      throw error;
    }
    return historyOver(db, kind);
  } catch (error) {
    throw historyProblem(error, place);
  }
}

/** Whether a history was ever begun there, as far as can be told without opening it. */
export function historyExists(place: HistoryPlace): boolean {
  return place.kind === "postgres" || existsSync(place.file);
}

/** Where it lies, for people: without user and password. */
export function describePlace(place: HistoryPlace): string {
  if (place.kind === "sqlite") return place.file;
  const { hostname, port, pathname } = new URL(place.url);
  return `postgres://${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}

const forgottenAtOnce = 200;

function historyOver(db: Kysely<Tables>, dialect: Dialect): History {
  const index = termIndexes[dialect];

  async function remove(trx: Kysely<Tables>, numbers: readonly number[]): Promise<void> {
    if (numbers.length === 0) return;
    await trx.deleteFrom("steps").where("n", "in", numbers).execute();
    await index.remove(trx, numbers);
    await trx.deleteFrom("runs").where("n", "in", numbers).execute();
  }

  return {
    async position() {
      return await db.selectFrom("position").select(["stream", "sequence"]).executeTakeFirstOrThrow();
    },
    async apply({ from, to, entries }) {
      return await db.transaction().execute(async (trx) => {
        // First, because it locks: whoever else applies waits here, and then finds another position.
        const { numUpdatedRows } = await trx
          .updateTable("position")
          .set({ ...to })
          .where("stream", "=", from.stream)
          .where("sequence", "=", from.sequence)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return "moved";
        await writeEntries({ db: trx, index, entries });
        return "applied";
      });
    },
    list: (filter) => listRuns({ db, index, filter }),
    show: (run) => showRun(db, run),
    events: (filter) => listEvents(db, filter),
    async forget({ before, limit }) {
      return await db.transaction().execute(async (trx) => {
        const old = await trx
          .selectFrom("runs")
          .select("n")
          .where("n", "<", placeAt(before))
          .where("ended_at", "is not", null)
          .orderBy("n")
          .limit(limit)
          .execute();
        await remove(
          trx,
          old.map(({ n }) => n),
        );
        if (old.length < limit) await trx.deleteFrom("events").where("fired_at", "<", before).execute();
        return old.length;
      });
    },
    async rebuild({ log, all }) {
      let removed = 0;
      // Always onwards, so that what is written again behind it stays.
      for (let last = -1; ;) {
        const numbers = await db.transaction().execute(async (trx) => {
          await trx
            .updateTable("position")
            .set({ stream: log.stream, sequence: log.first - 1 })
            .execute();
          let some = trx.selectFrom("runs").select("runs.n").where("runs.n", ">", last).orderBy("runs.n").limit(forgottenAtOnce);
          if (!all) {
            some = some
              .innerJoin("steps", (join) => join.onRef("steps.n", "=", "runs.n").on("steps.revision", "=", 1))
              .where("steps.sequence", ">=", log.first)
              // Sequences of another stream, made before, say nothing about this one.
              .where("runs.n", ">=", placeAt(Date.parse(log.stream)));
          }
          const found = (await some.execute()).map(({ n }) => n);
          await remove(trx, found);
          return found;
        });
        removed += numbers.length;
        const end = numbers.at(-1);
        if (end === undefined) return removed;
        last = end;
      }
    },
    close: () => db.destroy(),
  };
}

async function migrate(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
  const own = migrations(dialect);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => own } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

function historyProblem(error: unknown, place: HistoryPlace): unknown {
  const why = (error instanceof Error ? error.message : String(error)) || (codeOf(error) ?? "no reason given");
  const where = describePlace(place);
  if (/previously executed migration .* is missing/.test(why)) return problem("history_newer", { where }, { cause: error });
  return problem("history_unavailable", { where, why }, { cause: error });
}
