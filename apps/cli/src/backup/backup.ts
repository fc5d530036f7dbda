import { randomBytes } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Bus } from "@bellhop/bus";
import { Problem, problem } from "@bellhop/contracts";
import { historyPlace, historySettings } from "@bellhop/engine/history-settings";
import { copyHistory, historyExists, type HistoryPlace } from "@bellhop/history";
import { commonConfig, type Env } from "@bellhop/service";
import manifest from "../../package.json" with { type: "json" };
import { bytesText } from "../amounts.ts";
import { refusal } from "../named-file.ts";
import { note, type ExitCode } from "../report.ts";
import { createArchive, type ArchiveWriter, type Part } from "./archive.ts";
import { someoneLives, withInstallation } from "./installation.ts";
import { restoring, streamsInOrder } from "./order.ts";

export interface BackupOptions {
  withKey: boolean;
  json: boolean;
}

interface Told {
  name: string;
  messages?: number;
  bytes: number;
}

/** A stream under load may change under its snapshot's hands. */
const tries = 5;

/** `bellhop backup FILE`: NATS's state and the history in one file, also while everything runs. */
export async function backup(name: string, options: BackupOptions, env: Env): Promise<ExitCode> {
  const file = resolve(name);
  if (existsSync(file)) throw problem("backup_exists", { file });
  const { folder, file: configured, durations } = commonConfig(env, "operator");
  const place = historyPlace(historySettings(env, configured), folder);
  const done = await withInstallation({ env, name: "bellhop backup", alone: false }, async ({ bus, ours, up }) => {
    const unfinished = await bus.snapshots.marked(restoring);
    if (unfinished !== undefined) throw problem("restore_unfinished", { what: unfinished });
    // Looked at before and after: who comes meanwhile works on it as well.
    const quiet = ours || (!up && !(await someoneLives(bus, { renewalMs: durations.runnerLeaseRenewal })));
    const archive = await createArchive(file).catch((error: unknown) => {
      throw refusal(error, dirname(file));
    });
    try {
      const parts: Part[] = [];
      const told: Told[] = [];
      const add = async (part: Part) => {
        parts.push(part);
        const said = part.state?.messages;
        const messages = typeof said === "number" ? said : undefined;
        const bytes = part.pieces.reduce((sum, piece) => sum + piece.bytes, 0);
        told.push({ name: part.name, bytes, ...(messages === undefined ? {} : { messages }) });
        if (!options.json) note(`${part.name.padEnd(14)} ${messages === undefined ? "" : `${messages} messages, `}${bytesText(bytes)}`);
      };
      const since = await serverTime(bus);
      // First: history must not be ahead of the log that it is read from.
      if (place.kind === "sqlite" && historyExists(place)) await add(await addHistory(archive, { place, beside: file }));
      for (const stream of streamsInOrder()) {
        if ((await bus.snapshots.state(stream)) !== undefined) await add(await addStream(archive, bus, stream));
      }
      if (options.withKey) await add(await addKey(archive, join(folder, "key")));
      const stillQuiet = quiet && (ours || !(await someoneLives(bus, { renewalMs: durations.runnerLeaseRenewal })));
      const made = new Date().toISOString();
      const id = randomBytes(8).toString("hex");
      const { bytes } = await archive.finish({ v: 1, id, made, bellhop: manifest.version, quiet: stillQuiet, since, parts });
      return { file, bytes, made, quiet: stillQuiet, key: options.withKey, parts: told };
    } catch (error) {
      await archive.abandon();
      throw error;
    }
  });
  const dump = place.kind === "postgres" ? dumpCommand(place.url) : undefined;
  if (options.json) process.stdout.write(`${JSON.stringify({ ...done, ...(dump === undefined ? {} : { historyBy: dump }) })}\n`);
  else {
    note(`${done.file}: ${bytesText(done.bytes)}, whole. It holds people's words: its user alone can read it.`);
    if (!done.key) note(`Not in it: ${join(folder, "key")}, without which secret inputs can't be opened. Keep a copy of it elsewhere.`);
    if (dump !== undefined) note(`Not in it: the history, which PostgreSQL keeps. After this:\n  ${dump}`);
  }
  return 0;
}

async function addStream(archive: ArchiveWriter, bus: Bus, stream: string): Promise<Part> {
  for (let nth = 1; ; nth++) {
    try {
      const { config, state, chunks } = await bus.snapshots.take(stream);
      return await archive.add({ name: stream, config, state }, chunks);
    } catch (error) {
      if (nth === tries || !(error instanceof Problem && error.code === "snapshot_failed")) throw error;
    }
  }
}

async function addHistory(
  archive: ArchiveWriter,
  { place, beside }: { place: Extract<HistoryPlace, { kind: "sqlite" }>; beside: string },
): Promise<Part> {
  const folder = await mkdtemp(join(dirname(beside), `.${basename(beside)}-`));
  try {
    const copy = join(folder, "history.db");
    await copyHistory(place, copy);
    return await archive.add({ name: "history" }, createReadStream(copy, { highWaterMark: 1024 * 1024 }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function addKey(archive: ArchiveWriter, file: string): Promise<Part> {
  const key = await readFile(file);
  return await archive.add(
    { name: "key" },
    (async function* () {
      yield key;
    })(),
  );
}

/** Epoch milliseconds. */
async function serverTime(bus: Bus): Promise<number> {
  const state = await bus.snapshots.state("RUN");
  return state === undefined ? 0 : Date.parse(state.now);
}

/** For the shell, without the password: PostgreSQL asks for it, or finds it in ~/.pgpass. */
export function dumpCommand(address: string): string {
  const url = new URL(address);
  url.password = "";
  // As libpq also takes it.
  url.searchParams.delete("password");
  return `pg_dump --format=custom --file=bellhop-history.dump '${url.href.replaceAll("'", "%27")}'`;
}
