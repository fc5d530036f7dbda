import type { Enforcement, EventSource } from "@bellhop/contracts";
import type { Kysely } from "kysely";
import { chunks } from "./chunks.ts";
import type { EventRow, Tables } from "./schema.ts";
import type { HistoryEntry } from "./write.ts";

/** Something that happened, and what rules made of it. What it said lies in its log. */
export interface PastEvent {
  id: string;
  /** ISO 8601. */
  firedAt: string;
  trigger: string;
  source: EventSource;
  enforcements: Enforcement[];
  /** Why no rule was asked. */
  refused?: string;
}

export interface EventFilter {
  trigger?: string;
  /** Events that this rule made something of. */
  rule?: string;
  /** Epoch milliseconds. */
  since?: number;
  /** An event's id: only those before it. */
  before?: string;
  limit: number;
}

/** The row of a record; undefined where it is no event's. */
export function eventOf({ record }: HistoryEntry): EventRow | undefined {
  const { fired, run: id } = record;
  if (fired === undefined) return undefined;
  const { trigger, source, enforcements, refused = null, firedAt } = fired;
  const rules = enforcements.map(({ rule }) => ` ${rule} `).join("");
  const json = { source: JSON.stringify(source), enforcements: JSON.stringify(enforcements) };
  return { id, fired_at: Date.parse(firedAt), trigger, rules, refused, ...json };
}

/** An event's log is one record: written again, it is the same. */
export async function writeEvents(db: Kysely<Tables>, rows: readonly EventRow[]): Promise<void> {
  for (const some of chunks(rows)) {
    await db
      .insertInto("events")
      .values(some)
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }
}

/** Newest first: ids begin with the time. */
export async function listEvents(db: Kysely<Tables>, { trigger, rule, since, before, limit }: EventFilter): Promise<PastEvent[]> {
  let query = db.selectFrom("events").selectAll().orderBy("id", "desc").limit(limit);
  if (trigger !== undefined) query = query.where("trigger", "=", trigger);
  if (rule !== undefined) query = query.where("rules", "like", `% ${rule.replaceAll(/[%_\\]/g, "")} %`);
  if (since !== undefined) query = query.where("fired_at", ">=", since);
  if (before !== undefined) query = query.where("id", "<", before);
  const rows = await query.execute();
  return rows.map(({ id, fired_at: at, trigger: name, source, enforcements, refused }) => ({
    id,
    firedAt: new Date(Number(at)).toISOString(),
    trigger: name,
    source: JSON.parse(source),
    enforcements: JSON.parse(enforcements),
    ...(refused === null ? {} : { refused }),
  }));
}
