import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from "kysely";

/** SQLite as Node has it built in. Its calls are synchronous, so each statement waits for a turn of the event loop, and a locked file is waited for without
 *  holding the thread up. */
export function sqliteDialect(file: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(file),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Makes the file where there is none, for its owner alone: SQLite gives the files beside it the same rights. */
function createPrivately(file: string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
}

const retryMs = 20;
const patienceMs = 10_000;
const statementsKept = 64;

/** SQLITE_BUSY: another process writes. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}

class SqliteDriver implements Driver {
  readonly #file: string;
  #connection: SqliteConnection | undefined;
  #free: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async init(): Promise<void> {
    createPrivately(this.#file);
    this.#connection = new SqliteConnection(new DatabaseSync(this.#file, { timeout: 0 }));
    // A commit is then on the disk at the next checkpoint: after a power cut the log is read again from there.
    for (const line of ["pragma journal_mode = wal", "pragma synchronous = normal", "pragma foreign_keys = off"]) {
      await this.#connection.executeQuery(CompiledQuery.raw(line));
    }
  }

  /** One at a time: what is between begin and commit belongs together. */
  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#free = promise;
    await before;
    this.#release = resolve;
    if (this.#connection === undefined) throw new Error("the history is closed");
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // On a disk that is full SQLite did it by itself, and to ask for it again would hide why.
    if (this.#connection?.isTransaction === true) await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const began = performance.now();
    for (;;) {
      await turn();
      try {
        return this.#execute(sql, parameters as (string | number | null)[]);
      } catch (error) {
        if (!isBusy(error) || performance.now() - began > patienceMs) throw error;
        await pause(retryMs);
      }
    }
  }

  // oxlint-disable-next-line require-yield -- the interface wants it, and nothing here reads that much
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("history reads pages");
  }

  get isTransaction(): boolean {
    return this.#db.isTransaction;
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #execute<R>(text: string, parameters: (string | number | null)[]): QueryResult<R> {
    const statement = this.#prepared(text);
    if (statement.columns().length > 0) return { rows: statement.all(...parameters) as R[] };
    return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) };
  }

  #prepared(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(text);
    if (this.#statements.size >= statementsKept) this.#statements.clear();
    this.#statements.set(text, statement);
    return statement;
  }
}
