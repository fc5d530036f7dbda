import type { Bus } from "@bellhop/bus";
import { toProblem, type InstalledVersion } from "@bellhop/contracts";
import { activeVersions, installedVersions } from "@bellhop/pack-loader";
import { findNewer } from "@bellhop/pack-source";
import type { Env } from "@bellhop/service";
import { step } from "../progress.ts";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { withBus } from "../with-bus.ts";
import { installFrom } from "./install.ts";
import { noSuchPack } from "./no-such-pack.ts";
import { FaultyPackError, openSources, type Sources } from "./sources.ts";

export interface UpgradeFlags {
  /** Says what there is, and installs nothing. */
  check: boolean;
  json: boolean;
}

interface Upgraded {
  name: string;
  version: string;
  outcome: "upgraded" | "newer" | "current" | "unknown" | "failed";
  /** What there is, or answers now. */
  newer?: string;
  why?: string;
}

/** `bellhop pack upgrade [PACK…]`: looks where each came from for what is newer, and installs it. One that fails holds up no other. */
export async function packUpgrade(names: readonly string[], { check, json }: UpgradeFlags, env: Env): Promise<ExitCode> {
  const sources = openSources(env);
  return await withBus<ExitCode>(env, "bellhop pack upgrade", async (bus) => {
    const answering = await installedAndActive(bus);
    for (const name of names) if (!answering.some((one) => one.name === name)) throw await noSuchPack(bus, name);
    const upgraded: Upgraded[] = [];
    for (const installed of answering) {
      const { name, version, from } = installed;
      if (names.length === 0 ? from.kind === "folder" : !names.includes(name)) continue;
      try {
        upgraded.push({ name, version, ...(await upgrade({ bus, sources, installed, check })) });
      } catch (error) {
        const why = error instanceof FaultyPackError ? `it is faulty: ${error.message}` : toProblem(error).message;
        upgraded.push({ name, version, outcome: "failed", why });
      }
    }
    if (json) process.stdout.write(`${JSON.stringify({ packs: upgraded })}\n`);
    else if (upgraded.length === 0) note("Nothing is installed that could be upgraded: packs in folders change with their folder.");
    else
      printTable(
        ["PACK", "VERSION", "", "NEWER", ""],
        upgraded.map(({ name, version, outcome, newer, why }) => [name, version, words[outcome], newer ?? "", why ?? ""]),
      );
    if (!json && upgraded.some(({ outcome }) => outcome === "newer")) note("`bellhop pack upgrade` installs what is newer.");
    return upgraded.some(({ outcome }) => outcome === "failed") ? 1 : 0;
  });
}

const words = {
  upgraded: "upgraded",
  newer: "has a newer one",
  current: "up to date",
  unknown: "not known",
  failed: "failed",
} as const satisfies Record<Upgraded["outcome"], string>;

async function upgrade(at: {
  bus: Bus;
  sources: Sources;
  installed: InstalledVersion;
  check: boolean;
}): Promise<Omit<Upgraded, "name" | "version">> {
  const { bus, sources, installed, check } = at;
  const newer = await step(`looking for a newer ${installed.name}`, findNewer(installed, sources.options));
  if (newer.kind === "unknown") return { outcome: "unknown", why: newer.why };
  if (newer.kind === "current") return { outcome: "current" };
  if (check) return { outcome: "newer", newer: newer.version };
  const done = await installFrom({ bus, sources, source: await sources.choose(newer.spec), activate: true, replace: false, strict: true });
  return { outcome: "upgraded", newer: done.installed.version };
}

/** What answers, where it is on record where it came from. */
async function installedAndActive(bus: Bus): Promise<InstalledVersion[]> {
  const [active, installed] = await Promise.all([activeVersions(bus), installedVersions(bus)]);
  return active.flatMap(({ name, digest }) => installed.find((one) => one.name === name && one.digest === digest) ?? []);
}
