import type { Bus } from "@bellhop/bus";
import { problem, type InstalledVersion } from "@bellhop/contracts";
import {
  activateVersion,
  activeVersion,
  describeProblem,
  installedVersions,
  recordVersion,
  storePack,
  type LoadedPack,
  type PackProblem,
} from "@bellhop/pack-loader";
import type { Obtained, Source } from "@bellhop/pack-source";
import { point, type Env } from "@bellhop/service";
import { visible, visibleLines } from "../dead/visible.ts";
import { step } from "../progress.ts";
import { note, type ExitCode } from "../report.ts";
import { personHere } from "../terminal/adapter.ts";
import { withBus } from "../with-bus.ts";
import { isWhole } from "./follow.ts";
import { originText } from "./origin.ts";
import { FaultyPackError, mayTakeOver, openSources, type Sources } from "./sources.ts";

export interface InstallFlags {
  /** Makes it the one that answers. */
  activate: boolean;
  /** Takes the place of a pack of the same name that came from elsewhere. */
  replace: boolean;
  /** Refuses a faulty pack whole. */
  strict: boolean;
  json: boolean;
}

/** What came of it. */
export interface Installed extends InstalledVersion {
  /** Whether it answers now. */
  active: boolean;
  /** The version that answered before. */
  before?: { version: string; digest: string };
  /** Files that are left out, since they are faulty. */
  without?: readonly string[];
}

/** `bellhop pack install SPEC`: obtains a pack, builds it, stores it for every machine and lets it answer. */
export async function packInstall(spec: string, flags: InstallFlags, env: Env): Promise<ExitCode> {
  const sources = openSources(env);
  const source = await sources.choose(spec);
  try {
    return await withBus<ExitCode>(env, "bellhop pack install", async (bus) => {
      const { installed, pack, problems } = await installFrom({ bus, sources, source, ...flags });
      if (flags.json) process.stdout.write(`${JSON.stringify({ ...installed, ...(problems.length === 0 ? {} : { problems }) })}\n`);
      else process.stdout.write(`${installedText(installed, pack)}\n`);
      if (!flags.json) for (const one of problems) note(visibleLines(describeProblem(spec, one)));
      const unset = Object.entries(pack.version.config ?? {}).filter(
        ([, { required, default: otherwise }]) => required === true && otherwise === undefined,
      );
      if (unset.length > 0)
        note(
          visible(
            `It has to be told ${unset.map(([name]) => name).join(", ")}: \`bellhop pack config ${installed.name}\` shows what is set and what is not.`,
          ),
        );
      for (const warning of pack.warnings) note(`warning: ${visibleLines(describeProblem(spec, warning))}`);
      return 0;
    });
  } catch (error) {
    if (!(error instanceof FaultyPackError)) throw error;
    return reportFaulty(error, flags);
  }
}

/** Each step may be taken again: killed anywhere, the next try does what is missing. @throws Problem, FaultyPackError */
export async function installFrom(
  at: { bus: Bus; sources: Sources; source: Source } & Pick<InstallFlags, "activate" | "replace" | "strict">,
): Promise<{
  installed: Installed;
  pack: LoadedPack;
  /** Of the files that are left out. */
  problems: readonly PackProblem[];
}> {
  const { bus, sources, source, activate, replace, strict } = at;
  let problems: readonly PackProblem[] = [];
  const install = async (pack: LoadedPack, obtained: Obtained) => {
    point("pack.obtained");
    const { name, version, digest } = pack.version;
    const known = await installedVersions(bus, name);
    const current = await activeVersion(bus, name);
    const currentFrom = known.find((one) => one.digest === current?.digest)?.from;
    if (!replace && current !== undefined && !mayTakeOver(currentFrom, source, sources.options.cwd)) {
      throw problem("pack_other_source", { pack: name, old: `${currentFrom?.kind ?? ""} (${currentFrom?.spec ?? ""})`, spec: source.spec });
    }
    await step("storing it", storePack(bus, pack));
    point("pack.stored");
    const record = recordOf(pack, obtained);
    await recordVersion(bus, record);
    point("pack.recorded");
    const { without } = pack.version;
    const installed = { ...record, ...(without === undefined ? {} : { without }) };
    if (!activate) return { pack, problems, installed: { ...installed, active: current?.digest === digest } };
    const { kind, before } = await activateVersion(bus, { name, version, digest });
    const replaced = kind === "activated" && before !== undefined ? { before: { version: before.version, digest: before.digest } } : {};
    return { pack, problems, installed: { ...installed, active: true, ...replaced } };
  };
  return await sources.withPack(source, install, async (rest, found) => {
    problems = found;
    return !strict && !(activate && (await isWhole(bus, rest.version.name)));
  });
}

/** Tells all that is wrong with a pack. */
export function reportFaulty({ spec, problems }: FaultyPackError, { json }: { json: boolean }): ExitCode {
  if (json)
    process.stdout.write(`${JSON.stringify({ error: { code: "pack_faulty", message: `${spec} is faulty`, hint: "" }, problems })}\n`);
  else for (const one of problems) note(visibleLines(describeProblem(spec, one)));
  if (!json) note(`${spec} is not installed: nothing has changed.`);
  return 1;
}

function recordOf({ version: { name, version, digest, modules } }: LoadedPack, { origin }: Obtained): InstalledVersion {
  return {
    v: 1,
    name,
    version,
    digest,
    ...(modules === undefined ? {} : { modules: modules.hash }),
    from: origin,
    at: new Date().toISOString(),
    by: personHere().id,
  };
}

function installedText({ name, version, active, before, from, without }: Installed, { version: { actions, aliases } }: LoadedPack): string {
  const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
  const state = active ? "is installed and answers now" : `is installed; \`bellhop pack activate ${name} ${version}\` lets it answer`;
  const was = before === undefined ? "" : ` (before: ${before.version}; \`bellhop pack activate ${name} previous\` goes back)`;
  const left = without === undefined ? "" : `, without ${without.join(", ")}`;
  return visible(
    `${name} ${version} ${state}${left}${was}: ${count(actions.length, "action")}, ${count(aliases.length, "alias", "aliases")}. From ${originText(from)}.`,
  );
}
