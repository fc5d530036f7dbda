import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely, sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { sqliteDialect } from "./sqlite.ts";

test("a transaction that finds no room says so, and the next one is as if it had not been", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-sqlite-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const db = new Kysely<{ words: { text: string } }>({ dialect: sqliteDialect(join(folder, "history.db")) });
  onTestFinished(() => db.destroy());
  await sql`create table words (text text)`.execute(db);
  // Pages of 4 KiB: to SQLite that is a disk of 40 KiB, and it ends the transaction by itself.
  await sql`pragma max_page_count = 10`.execute(db);
  const write = (text: string) =>
    db.transaction().execute(async (trx) => {
      await trx.insertInto("words").values({ text: "first" }).execute();
      await trx.insertInto("words").values({ text }).execute();
    });
  await expect(write("x".repeat(100_000))).rejects.toThrow("database or disk is full");
  await write("small");
  expect(await db.selectFrom("words").select("text").execute()).toEqual([{ text: "first" }, { text: "small" }]);
});
