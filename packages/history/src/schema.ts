import type { RunStatus } from "@bellhop/contracts";
import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Times are epoch milliseconds; what is called JSON is text. */
export interface RunRow {
  /** Its place among all runs: `place.ts`. */
  n: number;
  id: string;
  revision: number;
  status: RunStatus;
  action: string;
  alias: string | null;
  /** The instance of the pack's configuration that was named. */
  config: string | null;
  answers: string;
  person: string;
  person_platform: string;
  person_space: string | null;
  person_id: string;
  person_name: string | null;
  room: string;
  platform: string;
  account: string;
  space: string | null;
  channel: string;
  thread: string | null;
  attempts: number;
  asked_at: number;
  started_at: number | null;
  ended_at: number | null;
  ms: number | null;
  /** The run that it is part of. */
  parent: string | null;
  /** JSON, secrets masked. */
  input: string;
  /** JSON. */
  problem: string | null;
  reply: string | null;
  /** JSON, secrets masked; what is too large lies in the object store. */
  output: string | null;
  output_object: string | null;
  output_bytes: number | null;
}

export interface StepRow {
  /** The run's. */
  n: number;
  revision: number;
  sequence: number;
  at: number;
  event: string;
  status: RunStatus;
  attempt: number;
  /** JSON: what the step wanted done. */
  commands: string;
  /** JSON: what became of a workflow's tasks. */
  tasks: string | null;
}

export interface EventRow {
  id: string;
  fired_at: number;
  trigger: string;
  /** JSON: who fired it. */
  source: string;
  /** Of the rules that made something of it, each between blanks. */
  rules: string;
  /** JSON. */
  enforcements: string;
  refused: string | null;
}

/** How far the log was read: one row. */
interface PositionRow {
  one: number;
  /** When the stream was made, as the server says it: another stream has another one. Empty before anything was read. */
  stream: string;
  sequence: number;
}

export interface Tables {
  runs: RunRow;
  steps: StepRow;
  events: EventRow;
  position: PositionRow;
}

export type Dialect = "sqlite" | "postgres";

/** What was released stays as it is: a change of the tables is a new entry. */
export function migrations(dialect: Dialect): Record<string, Migration> {
  return {
    "2026-11-history": { up: (db) => firstTables(db, dialect) },
    "2026-11-workflows": { up: (db) => workflows(db) },
    "2026-11-instance": { up: (db) => db.schema.alterTable("runs").addColumn("config", "text").execute() },
    "2026-11b-events": { up: (db) => eventsTable(db, dialect) },
  };
}

async function workflows(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable("runs").addColumn("parent", "text").execute();
  await db.schema.alterTable("steps").addColumn("tasks", "text").execute();
}

async function firstTables(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
  const whole = dialect === "sqlite" ? "integer" : "bigint";
  await db.schema
    .createTable("runs")
    .addColumn("n", whole, (column) => column.primaryKey().notNull())
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("alias", "text")
    .addColumn("answers", "text", (column) => column.notNull())
    .addColumn("person", "text", (column) => column.notNull())
    .addColumn("person_platform", "text", (column) => column.notNull())
    .addColumn("person_space", "text")
    .addColumn("person_id", "text", (column) => column.notNull())
    .addColumn("person_name", "text")
    .addColumn("room", "text", (column) => column.notNull())
    .addColumn("platform", "text", (column) => column.notNull())
    .addColumn("account", "text", (column) => column.notNull())
    .addColumn("space", "text")
    .addColumn("channel", "text", (column) => column.notNull())
    .addColumn("thread", "text")
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("asked_at", whole, (column) => column.notNull())
    .addColumn("started_at", whole)
    .addColumn("ended_at", whole)
    .addColumn("ms", whole)
    .addColumn("input", "text", (column) => column.notNull())
    .addColumn("problem", "text")
    .addColumn("reply", "text")
    .addColumn("output", "text")
    .addColumn("output_object", "text")
    .addColumn("output_bytes", whole)
    .execute();
  let steps = db.schema
    .createTable("steps")
    .addColumn("n", whole, (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("sequence", whole, (column) => column.notNull())
    .addColumn("at", whole, (column) => column.notNull())
    .addColumn("event", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("attempt", "integer", (column) => column.notNull())
    .addColumn("commands", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("steps_pkey", ["n", "revision"]);
  // Nothing points at a step, so its key is its place.
  if (dialect === "sqlite") steps = steps.modifyEnd(sql`without rowid`);
  await steps.execute();
  await db.schema
    .createTable("position")
    .addColumn("one", "integer", (column) => column.primaryKey())
    .addColumn("stream", "text", (column) => column.notNull())
    .addColumn("sequence", whole, (column) => column.notNull())
    .execute();
  await db.insertInto("position").values({ one: 1, stream: "", sequence: 0 }).execute();
  if (dialect === "sqlite") {
    await sql`create virtual table terms using fts5(words, content='', contentless_delete=1, detail=none,
      tokenize="ascii tokenchars '=%-_.!~*()'")`.execute(db);
  } else {
    await sql`create table terms (n bigint primary key, terms text[] not null)`.execute(db);
    await sql`create index terms_terms on terms using gin (terms)`.execute(db);
  }
}

async function eventsTable(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
  const whole = dialect === "sqlite" ? "integer" : "bigint";
  await db.schema
    .createTable("events")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("fired_at", whole, (column) => column.notNull())
    .addColumn("trigger", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("rules", "text", (column) => column.notNull())
    .addColumn("enforcements", "text", (column) => column.notNull())
    .addColumn("refused", "text")
    .execute();
  await db.schema.createIndex("events_trigger").on("events").columns(["trigger", "id"]).execute();
}
