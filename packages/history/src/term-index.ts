import { sql, type Kysely } from "kysely";
import type { Dialect, Tables } from "./schema.ts";
import type { Term } from "./terms.ts";

/** Finds runs by their terms: the one thing that the two databases do in ways of their own. */
export interface TermIndex {
  put(db: Kysely<Tables>, entries: readonly { n: number; terms: readonly Term[] }[]): Promise<void>;
  remove(db: Kysely<Tables>, numbers: readonly number[]): Promise<void>;
  /** Numbers from `from` to below `below` that have all these terms, the highest first. */
  find(db: Kysely<Tables>, wanted: { terms: readonly Term[]; from: number; below: number; limit: number }): Promise<number[]>;
}

export const termIndexes: Readonly<Record<Dialect, TermIndex>> = {
  sqlite: {
    async put(db, entries) {
      const rows = entries.map(({ n, terms }) => sql`(${n}, ${terms.join(" ")})`);
      await sql`insert or replace into terms (rowid, words) values ${sql.join(rows)}`.execute(db);
    },
    async remove(db, numbers) {
      await sql`delete from terms where rowid in (${sql.join(numbers)})`.execute(db);
    },
    async find(db, { terms, from, below, limit }) {
      const query = terms.map((term) => `"${term}"`).join(" AND ");
      const found = await sql<{ n: number }>`select rowid as n from terms
        where terms match ${query} and rowid >= ${from} and rowid < ${below} order by rowid desc limit ${limit}`.execute(db);
      return found.rows.map(({ n }) => n);
    },
  },
  postgres: {
    async put(db, entries) {
      const rows = entries.map(({ n, terms }) => sql`(${n}::bigint, ${[...terms]}::text[])`);
      await sql`insert into terms (n, terms) values ${sql.join(rows)} on conflict (n) do update set terms = excluded.terms`.execute(db);
    },
    async remove(db, numbers) {
      await sql`delete from terms where n in (${sql.join(numbers)})`.execute(db);
    },
    async find(db, { terms, from, below, limit }) {
      const found = await sql<{ n: number }>`select n from terms
        where terms @> ${[...terms]}::text[] and n >= ${from} and n < ${below} order by n desc limit ${limit}`.execute(db);
      return found.rows.map(({ n }) => n);
    },
  },
};
