import { createWriteStream, existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Bus } from "@bellhop/bus";
import { problem } from "@bellhop/contracts";
import { settleRestored } from "@bellhop/engine";
import { historyPlace, historySettings } from "@bellhop/engine/history-settings";
import type { HistoryPlace } from "@bellhop/history";
import { commonConfig, type Env } from "@bellhop/service";
import { bytesText } from "../amounts.ts";
import { createFile } from "../atomic-file.ts";
import { step } from "../progress.ts";
import { note, type ExitCode } from "../report.ts";
import { openArchive, type ArchiveReader, type Part } from "./archive.ts";
import { someoneLives, withInstallation } from "./installation.ts";
import { forgottenUnlessResumed, restoring, streamsInUse, streamsInOrder } from "./order.ts";

export interface RestoreOptions {
  resume: boolean;
  json: boolean;
}

/** `bellhop restore FILE`: an empty installation becomes that of the backup. */
export async function restore(name: string, { resume, json }: RestoreOptions, env: Env): Promise<ExitCode> {
  const file = resolve(name);
  if (!existsSync(file)) throw problem("backup_unreadable", { file, why: "there is no such file", next: "" });
  const archive = await step("checking the backup", openArchive(file));
  const { manifest } = archive;
  if (resume && !manifest.quiet) throw problem("backup_live", {});
  const { folder, file: configured, durations, layout } = commonConfig(env, "operator");
  const place = historyPlace(historySettings(env, configured), folder);
  const sign = `the backup ${manifest.id} of ${manifest.made}`;
  const settled = await withInstallation({ env, name: "bellhop restore", alone: true }, async ({ bus, ours }) => {
    if (!ours && (await someoneLives(bus, { renewalMs: durations.runnerLeaseRenewal })))
      throw problem("installation_used", { what: "something runs on it" });
    const begun = await bus.snapshots.marked(restoring);
    if (begun !== undefined && begun !== sign) throw problem("restore_unfinished", { what: begun });
    if (begun === undefined) {
      await checkEmpty(bus, place);
      await checkKey(folder, archive);
      await bus.snapshots.mark(restoring, sign);
    }
    for (const stream of streamsInOrder()) await bus.snapshots.remove(stream);
    for await (const { part, chunks } of archive.parts()) {
      await bring(bus, { part, chunks, folder, place, resume, replicas: layout?.replicas ?? 1 });
      if (!json) note(`${part.name.padEnd(14)} ${bytesText(part.pieces.reduce((sum, { bytes }) => sum + bytes, 0))}`);
    }
    await bus.setUp(layout);
    const counted = await step("settling what was under way", settleRestored(bus, { since: manifest.since, resume }));
    await bus.snapshots.remove(restoring);
    return counted;
  });
  const hasKey = existsSync(join(folder, "key"));
  if (json) process.stdout.write(`${JSON.stringify({ file, made: manifest.made, ...settled, key: hasKey })}\n`);
  else {
    note(`Restored as of ${manifest.made}: ${settled.live} runs are under way, of which ${settled.doubtful} may have been done since.`);
    if (settled.gone.length > 0) {
      const some = settled.gone.slice(0, 5).join(", ");
      note(
        `${settled.gone.length} runs name values that the backup has not, and end without them: ${some}${settled.gone.length > 5 ? " …" : ""}`,
      );
    }
    if (!hasKey)
      note(`Put the key of the old installation at ${join(folder, "key")} (chmod 600) before you start: secret inputs are sealed with it.`);
    if (place.kind === "postgres")
      note("The history is PostgreSQL's: restore it with pg_restore. What it lacks of the log is read at the next start.");
  }
  return 0;
}

/** @throws Problem installation_used */
async function checkEmpty(bus: Bus, place: HistoryPlace): Promise<void> {
  for (const stream of streamsInUse()) {
    const messages = (await bus.snapshots.state(stream))?.messages ?? 0;
    if (messages > 0) throw problem("installation_used", { what: `${stream} holds ${messages} messages` });
  }
  if (place.kind === "sqlite" && existsSync(place.file)) throw problem("installation_used", { what: `${place.file} is there` });
}

/** @throws Problem key_differs */
async function checkKey(folder: string, archive: ArchiveReader): Promise<void> {
  const file = join(folder, "key");
  if (!existsSync(file)) return;
  for await (const { part, chunks } of archive.parts()) {
    if (part.name === "key" && !(await whole(chunks)).equals(await readFile(file))) throw problem("key_differs", { file });
  }
}

async function bring(
  bus: Bus,
  at: { part: Part; chunks: AsyncIterable<Uint8Array>; folder: string; place: HistoryPlace; resume: boolean; replicas: number },
): Promise<void> {
  const { part, chunks, folder, place, resume, replicas } = at;
  const { name, config, state } = part;
  if (name === "key") await createFile(join(folder, "key"), (await whole(chunks)).toString());
  else if (name === "history") await bringHistory(place, chunks);
  else if (config !== undefined && state !== undefined && (resume || !forgottenUnlessResumed.includes(name)))
    await bus.snapshots.restore({ stream: name, config: { ...config, num_replicas: replicas }, state, chunks });
}

async function bringHistory(place: HistoryPlace, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  if (place.kind !== "sqlite") return;
  const draft = `${place.file}.restoring`;
  await mkdir(join(place.file, ".."), { recursive: true, mode: 0o700 });
  await rm(draft, { force: true });
  await pipeline(chunks, createWriteStream(draft, { mode: 0o600 }));
  await chmod(draft, 0o600);
  await rename(draft, place.file);
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}
