import { basename, join } from "node:path";
import type { Bus } from "@bellhop/bus";
import type { PackOrigin } from "@bellhop/contracts";
import { activeVersions, installedVersions, loadPack } from "@bellhop/pack-loader";
import { commonConfig, type Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { runningIn } from "../up-lock.ts";
import { withBus } from "../with-bus.ts";
import { packRoots, packsIn, packsToInstall, shortPath } from "./folders.ts";
import { originText } from "./origin.ts";

interface Listed {
  name: string;
  version: string;
  digest: string;
  /** Answers now, as against being installed, or lying in a folder, only. */
  active: boolean;
  from?: PackOrigin;
  /** Other versions that can be activated, the newest first. */
  others: { version: string; digest: string; from: PackOrigin; at: string }[];
}

/** `bellhop pack list`: what answers now, and what else is installed; where nothing runs, what would answer. */
export async function packList(options: { json: boolean }, env: Env): Promise<ExitCode> {
  const config = commonConfig(env, "cli");
  const runs = env.NATS_URL !== undefined || (await runningIn(config.folder)) !== undefined;
  const roots = packRoots(config.file, env);
  const packs = runs ? await withBus(env, "bellhop pack list", installedPacks) : await localPacks(packsIn(roots), config.folder);
  const waiting = packsToInstall(roots)
    .filter((folder) => !packs.some(({ name }) => name === basename(folder)))
    .map((folder) => ({ name: basename(folder), install: shortPath(folder) }));
  if (options.json) process.stdout.write(`${JSON.stringify({ running: runs, packs, waiting })}\n`);
  else {
    const rows = packs.map(({ name, version, digest, active, others, from }) => [
      name,
      active ? version : `(${version})`,
      digest.slice(0, 12),
      shortened(others.map((one) => one.version)),
      from === undefined ? "" : originText(from),
    ]);
    if (rows.length > 0) printTable(["PACK", "VERSION", "DIGEST", "OTHERS", "FROM"], rows);
    if (rows.length === 0) note("There are no packs.");
    if (runs && packs.some(({ active }) => !active)) note("A version in brackets does not answer: `bellhop pack activate PACK VERSION`.");
    if (waiting.length > 0)
      note(`There to be installed: ${waiting.map(({ install }) => `\`bellhop pack install ${install}\``).join(", ")}.`);
    if (!runs) note("Nothing runs here; these are the packs in the folders that `npm start` reads.");
  }
  return 0;
}

async function installedPacks(bus: Bus): Promise<Listed[]> {
  const [active, installed] = await Promise.all([activeVersions(bus), installedVersions(bus)]);
  const names = [...new Set([...active, ...installed].map(({ name }) => name))].toSorted();
  return names.flatMap((name) => {
    const versions = installed.filter((one) => one.name === name);
    const answering = active.find((one) => one.name === name);
    const shown = answering ?? versions[0];
    if (shown === undefined) return [];
    const { version, digest } = shown;
    const from = versions.find((one) => one.digest === digest)?.from;
    const others = versions
      .filter((one) => one.digest !== digest)
      .map(({ version: v, digest: d, from: f, at }) => ({ version: v, digest: d, from: f, at }));
    return [{ name, version, digest, active: answering !== undefined, ...(from === undefined ? {} : { from }), others }];
  });
}

async function localPacks(folders: readonly string[], folder: string): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const pack of folders) {
    const loaded = await loadPack(pack, { cacheFolder: join(folder, "cache", "packs"), modules: "own" });
    if (loaded.kind === "faulty") note(`${shortPath(pack)} is faulty: \`bellhop pack check ${shortPath(pack)}\` says why`);
    else {
      const { name, version, digest } = loaded.version;
      const from: PackOrigin = { kind: "folder", spec: pack, signature: "unsigned" };
      listed.push({ name, version, digest, active: false, from, others: [] });
    }
  }
  return listed.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A folder that somebody edits has the same version ten times. */
function shortened(versions: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const version of versions) counts.set(version, (counts.get(version) ?? 0) + 1);
  const shown = [...counts].map(([version, count]) => (count === 1 ? version : `${version} (${count}×)`));
  return shown.length <= 3 ? shown.join(", ") : `${shown.slice(0, 3).join(", ")} and ${shown.length - 3} more`;
}
