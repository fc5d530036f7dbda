import { existsSync } from "node:fs";
import { readdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findNatsServer, oldestServer } from "@bellhop/bus/server";
import { toProblem } from "@bellhop/contracts";
import type { HistoryPlace } from "@bellhop/history";
import type { Env } from "@bellhop/service";
import { bytesText } from "../amounts.ts";
import { repository } from "../pack/folders.ts";
import type { Check } from "./check.ts";

const leastDisk = 512 * 1024 * 1024;

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const good = major > 22 || (major === 22 && minor >= 18);
  return {
    name: "node",
    state: good ? "ok" : "bad",
    found: version,
    ...(good ? {} : { hint: "22.18 or later is needed; `npm start` brings 24 where it can." }),
  };
}

export async function natsServerCheck(env: Env): Promise<Check> {
  const name = "nats-server";
  if (env.NATS_URL !== undefined) return { name, state: "ok", found: "NATS_URL is set: no server of our own is needed" };
  try {
    const { version, binary, from } = await findNatsServer({ root: join(repository, ".bellhop"), env: { ...env }, fetches: [] });
    return { name, state: "ok", found: `${version} at ${binary} (${from})` };
  } catch (error) {
    return {
      name,
      state: "odd",
      found: `none of ${oldestServer} or later is here yet`,
      hint: toProblem(error).code === "nats_missing" ? "`npm start` fetches one." : toProblem(error).message,
    };
  }
}

export async function folderCheck(folder: string): Promise<Check> {
  const name = "folder";
  if (!existsSync(folder)) return { name, state: "ok", found: `${folder} is made by the first start` };
  const open: string[] = [];
  const credentials = join(folder, "credentials");
  const secret = existsSync(credentials) ? (await readdir(credentials)).map((file) => join(credentials, file)) : [];
  for (const path of [...secret, join(folder, "key"), join(folder, "nats.json"), join(folder, "history.db")]) {
    const mode = await stat(path).then(
      (facts) => facts.mode,
      () => 0,
    );
    if ((mode & 0o077) !== 0) open.push(path);
  }
  if (open.length === 0) return { name, state: "ok", found: folder };
  return { name, state: "bad", found: `others on this machine can read ${open.join(", ")}`, hint: `chmod 600 ${open.join(" ")}` };
}

/** Nothing where there is no bellhop.yaml, and nothing in it. */
export async function settingsCheck(file: Readonly<Record<string, unknown>>): Promise<Check[]> {
  if (Object.keys(file).length === 0) return [];
  const { unknownSettings } = await import("../unknown-settings.ts");
  const told = unknownSettings(file);
  const name = "settings";
  if (told.length === 0) return [{ name, state: "ok", found: "bellhop.yaml says nothing that nobody reads" }];
  return [{ name, state: "odd", found: told.join(" "), hint: "What is misspelt in bellhop.yaml counts for nothing." }];
}

/** Room for what lies on this machine: once for each disk. */
export async function diskChecks(folder: string, place: HistoryPlace): Promise<Check[]> {
  const places = new Map([
    ["spool, journal and logs", folder],
    ["NATS's store", join(folder, "nats")],
    ...(place.kind === "sqlite" ? [["history", dirname(place.file)] as const] : []),
  ]);
  const disks = new Map<number, { what: string[]; free: number; total: number }>();
  for (const [what, path] of places) {
    const there = nearest(path);
    const { dev } = await stat(there);
    const { bavail, blocks, bsize } = await statfs(there);
    const disk = disks.get(dev) ?? { what: [], free: bavail * bsize, total: blocks * bsize };
    disk.what.push(what);
    disks.set(dev, disk);
  }
  return [...disks.values()].map(({ what, free, total }) => diskCheck(what.join("; "), { free, total }));
}

export function diskCheck(what: string, { free, total }: { free: number; total: number }): Check {
  const found = `${bytesText(free)} free for ${what}`;
  if (free < leastDisk)
    return {
      name: "disk",
      state: "bad",
      found,
      hint: "A full disk stops nats-server until there is room and it was started anew, which `up` does by itself: make room.",
    };
  if (free < total / 20) return { name: "disk", state: "odd", found, hint: "Less than a twentieth is left: make room before it is full." };
  return { name: "disk", state: "ok", found };
}

function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}
