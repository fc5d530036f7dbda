import { problem } from "@bellhop/contracts";
import type { Kysely, Selectable } from "kysely";
import type { PastRun, PastRunInFull, RunFilter, Step } from "./past-run.ts";
import { placeAt } from "./place.ts";
import { project } from "./project.ts";
import type { RunRow, StepRow, Tables } from "./schema.ts";
import type { TermIndex } from "./term-index.ts";
import { labelTerm, wordTerms, type Term } from "./terms.ts";
import type { HistoryEntry } from "./write.ts";

const listed = [
  "n",
  "id",
  "status",
  "action",
  "alias",
  "config",
  "parent",
  "person_platform",
  "person_space",
  "person_id",
  "person_name",
  "platform",
  "account",
  "space",
  "channel",
  "thread",
  "attempts",
  "asked_at",
  "started_at",
  "ended_at",
  "ms",
  "input",
] as const satisfies readonly (keyof RunRow)[];

/** Runs that fit, newest first. Statuses are alternatives; everything else must hold. */
export async function listRuns(at: { db: Kysely<Tables>; index: TermIndex; filter: RunFilter }): Promise<PastRun[]> {
  const { db, index, filter } = at;
  const from = filter.since === undefined ? 0 : placeAt(filter.since);
  let below = filter.until === undefined ? Number.MAX_SAFE_INTEGER : placeAt(filter.until);
  if (filter.before !== undefined) below = Math.min(below, await numberOf(db, filter.before));
  const searches = searchesOf(filter);
  const { limit } = filter;
  const pages = await Promise.all(
    searches.map((terms) => (terms.length === 0 ? newest(db, { from, below, limit }) : index.find(db, { terms, from, below, limit }))),
  );
  const numbers = pages
    .flat()
    .toSorted((a, b) => b - a)
    .slice(0, limit);
  if (numbers.length === 0) return [];
  const rows = await db.selectFrom("runs").select(listed).where("n", "in", numbers).orderBy("n", "desc").execute();
  return rows.map(toPastRun);
}

/** By its id, or by the last characters of it: six at least. Undefined where there is no such run. @throws Problem run_ambiguous */
export async function showRun(db: Kysely<Tables>, id: string): Promise<PastRunInFull | undefined> {
  const wanted = id.toUpperCase();
  const whole = wanted.length === 26;
  if (!/^[0-9A-Z]{6,26}$/.test(wanted)) return undefined;
  const found = await db
    .selectFrom("runs")
    .selectAll()
    .where("id", whole ? "=" : "like", whole ? wanted : `%${wanted}`)
    .orderBy("n", "desc")
    .limit(2)
    .execute();
  const [row, other] = found;
  if (row === undefined) return undefined;
  if (other !== undefined) throw problem("run_ambiguous", { run: id, candidates: found.map((one) => one.id).join(", ") });
  const steps = await db.selectFrom("steps").selectAll().where("n", "=", row.n).orderBy("revision").execute();
  return {
    ...toPastRun(row),
    revision: row.revision,
    answers: row.answers,
    ...(row.output === null ? {} : { output: JSON.parse(row.output) }),
    ...(row.output_object === null ? {} : { outputRef: { object: row.output_object, bytes: row.output_bytes ?? 0 } }),
    ...(row.problem === null ? {} : { problem: JSON.parse(row.problem) }),
    ...(row.reply === null ? {} : { reply: row.reply }),
    steps: steps.map(toStep),
  };
}

/** One list of terms for each status: an index of terms knows "and" well, and merging a few short pages costs nothing. What is likely to be rare stands first:
 *  SQLite goes by it. */
function searchesOf({ status, action, person, room, text }: RunFilter): Term[][] {
  const words = text === undefined ? [] : wordTerms([text]);
  if (text !== undefined && words.length === 0) return [];
  const common = [
    ...words,
    ...(person === undefined ? [] : [labelTerm("person", person)]),
    ...(room === undefined ? [] : [labelTerm("room", room)]),
    ...(action === undefined ? [] : [labelTerm("action", action)]),
  ];
  return status === undefined ? [common] : [...new Set(status)].map((one) => [...common, labelTerm("status", one)]);
}

async function newest(db: Kysely<Tables>, { from, below, limit }: { from: number; below: number; limit: number }): Promise<number[]> {
  const rows = await db
    .selectFrom("runs")
    .select("n")
    .where("n", ">=", from)
    .where("n", "<", below)
    .orderBy("n", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ n }) => n);
}

async function numberOf(db: Kysely<Tables>, run: string): Promise<number> {
  const row = await db.selectFrom("runs").select("n").where("id", "=", run).executeTakeFirst();
  if (row === undefined) throw problem("run_unknown", { run });
  return row.n;
}

function toPastRun(row: Pick<Selectable<RunRow>, (typeof listed)[number]>): PastRun {
  const {
    id,
    status,
    action,
    alias,
    config,
    parent,
    person_platform,
    person_space,
    person_id,
    person_name,
    platform,
    account,
    space,
    channel,
    thread,
  } = row;
  return {
    id,
    status,
    action,
    ...(alias === null ? {} : { alias }),
    ...(config === null ? {} : { config }),
    ...(parent === null ? {} : { parent }),
    person: {
      platform: person_platform,
      ...(person_space === null ? {} : { space: person_space }),
      id: person_id,
      ...(person_name === null ? {} : { name: person_name }),
    },
    where: { platform, account, ...(space === null ? {} : { space }), channel, ...(thread === null ? {} : { thread }) },
    input: JSON.parse(row.input),
    askedAt: iso(row.asked_at),
    ...(row.started_at === null ? {} : { startedAt: iso(row.started_at) }),
    ...(row.ended_at === null ? {} : { endedAt: iso(row.ended_at) }),
    ...(row.ms === null ? {} : { ms: row.ms }),
    attempts: row.attempts,
  };
}

/** A record of the log as a step, before it is in any table. Undefined where it is no run's. */
export function stepOf(entry: HistoryEntry): Step | undefined {
  const projected = project(entry);
  return projected === undefined ? undefined : toStep(projected.step);
}

function toStep({ at, commands, tasks, ...row }: Omit<StepRow, "n">): Step {
  const { revision, sequence, event, status, attempt } = row;
  return {
    revision,
    sequence,
    at: iso(at),
    event,
    status,
    attempt,
    commands: JSON.parse(commands),
    ...(tasks === null ? {} : { tasks: JSON.parse(tasks) }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
