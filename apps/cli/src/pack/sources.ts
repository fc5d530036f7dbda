import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { describeProblem, type PackProblem } from "@bellhop/pack-loader";
import { problem, type PackOrigin } from "@bellhop/contracts";
import {
  buildPack,
  inExchange,
  mayObtain,
  npmSettings,
  obtain,
  readIndex,
  readSpec,
  sourceName,
  type BuiltPack,
  type ExchangeIndex,
  type NpmSettings,
  type Obtained,
  type ObtainOptions,
  type Source,
} from "@bellhop/pack-source";
import { commonConfig, type Env } from "@bellhop/service";
import { step } from "../progress.ts";
import { note } from "../report.ts";
import { buildOptions, packSettings, type PackSettings } from "./settings.ts";

/** Where packs may be had from here, and how. */
export interface Sources {
  readonly settings: PackSettings;
  readonly options: ObtainOptions & { cwd: string };
  /** What a spec means here. @throws Problem pack_spec_unclear, pack_source_refused */
  choose(spec: string): Promise<Source>;
  /** Fetches, reads and checks a pack; `work` has it for as long as it takes. Of a faulty one, `orRest` may take what works.
   *  @throws Problem, FaultyPackError */
  withPack<Result>(source: Source, work: (pack: BuiltPack, obtained: Obtained) => Promise<Result>, orRest?: OrRest): Promise<Result>;
}

/** Whether what is left of a faulty pack will do. */
export type OrRest = (rest: BuiltPack, problems: readonly PackProblem[]) => Promise<boolean>;

/** A pack that was had, and is not fit to be used. */
export class FaultyPackError extends Error {
  readonly spec: string;
  readonly problems: readonly PackProblem[];
  constructor(spec: string, problems: readonly PackProblem[]) {
    super(problems.map((one) => describeProblem(spec, one)).join("\n"));
    this.spec = spec;
    this.problems = problems;
  }
}

export function openSources(env: Env): Sources {
  const { folder, file } = commonConfig(env, "cli");
  const cwd = process.cwd();
  const settings = packSettings(file, env);
  const build = buildOptions({ folder, file, env });
  let npm: Promise<NpmSettings> | undefined;
  let index: Promise<ExchangeIndex> | undefined;
  const options = {
    cwd,
    env,
    cacheFolder: build.cacheFolder,
    npm: () => (npm ??= npmSettings({ cwd, env })),
    index: () => (index ??= step("reading the index of the Exchange", readIndex(settings.index, options.npm))),
  };
  return {
    settings,
    options,
    async choose(spec) {
      const read = withRealPath(readSpec(spec, { cwd, isFolder }));
      const isOurs = read.kind === "npm" && read.bare && settings.index.length > 0;
      const source = isOurs ? inExchange(read, await options.index()) : read;
      const allowed = mayObtain(source, settings);
      if (allowed.kind === "yes") return source;
      const [why, suggestion] =
        allowed.why === "not-listed"
          ? [
              "no rule of packs.sources in bellhop.yaml allows it",
              `Whoever looks after this installation adds a rule, such as ${allowed.name}`,
            ]
          : ["packs.requireSignature in bellhop.yaml wants a registry's signature", "Publish it to an npm registry that signs."];
      throw problem("pack_source_refused", { source: allowed.name, why, suggestion });
    },
    async withPack(source, work, orRest) {
      const obtained = await step(`fetching ${source.spec}`, obtain(source, options));
      try {
        checkSignature(obtained.origin, settings);
        if (obtained.deprecated !== undefined) note(`${source.spec} is deprecated: ${obtained.deprecated}`);
        const pack = await step(`reading ${source.spec}`, buildPack(obtained.folder, { ...build, name: source.spec, tell: note }));
        if (pack.kind === "loaded") return await work(pack, obtained);
        if (pack.rest === undefined || !(await orRest?.(pack.rest, pack.problems))) throw new FaultyPackError(source.spec, pack.problems);
        return await work(pack.rest, obtained);
      } finally {
        await obtained.release();
      }
    },
  };
}

/** Whether another pack of the same name may take the place of one: from the same source, or out of a file or folder that somebody here points to. */
export function mayTakeOver(active: PackOrigin | undefined, next: Source, cwd: string): boolean {
  if (active === undefined || next.kind === "folder" || (next.kind === "tarball" && !/^https?:/.test(next.at))) return true;
  // An Exchange name may have been asked for without its kind.
  if (active.kind === "exchange") return next.kind === "exchange" && /^(?:exchange:)?([\w-]+)/.exec(active.spec)?.[1] === next.name;
  try {
    return sourceName(readSpec(active.spec, { cwd, isFolder: () => false })) === sourceName(next);
  } catch {
    return false;
  }
}

function checkSignature({ spec, signature }: PackOrigin, { requireSignature }: PackSettings): void {
  if (!requireSignature || signature === "verified") return;
  const suggestion = "packs.requireSignature in bellhop.yaml wants it; the registry has to sign, and give out the keys it signs with.";
  throw problem("pack_source_refused", {
    source: spec,
    why: signature === "unsigned" ? "nobody signed it" : "its signature can't be checked",
    suggestion,
  });
}

/** Rules are about where something lies, and not about a link to it. */
function withRealPath(source: Source): Source {
  const real = (path: string) => {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  };
  if (source.kind === "folder") return { ...source, path: real(source.path) };
  if (source.kind === "tarball" && !/^https?:/.test(source.at)) return { ...source, at: real(source.at) };
  return source;
}

function isFolder(path: string): boolean {
  return statSync(join(process.cwd(), path), { throwIfNoEntry: false })?.isDirectory() === true;
}
