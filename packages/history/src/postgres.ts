import { PostgresDialect, type Dialect } from "kysely";

/** PostgreSQL, whose driver is loaded only here: most installations have none. `bigint` columns come as numbers: all of ours stay below 2^53. */
export async function postgresDialect(url: string): Promise<Dialect> {
  const { default: pg } = await import("pg");
  const whole: number = pg.types.builtins.INT8;
  const types = {
    getTypeParser: ((oid: number, format?: "text" | "binary") =>
      oid === whole ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
  };
  const pool = new pg.Pool({ connectionString: url, max: 2, types, connectionTimeoutMillis: 10_000, application_name: "bellhop history" });
  // A connection that rests in the pool and breaks: the next query gets another one, or says why not.
  pool.on("error", () => {});
  return new PostgresDialect({ pool });
}
