import { coerce, gt, valid } from "semver";
import type { InstalledVersion } from "@bellhop/contracts";
import { highestTag, remoteRefs } from "./git.ts";
import { findPackage } from "./npm.ts";
import type { ObtainOptions } from "./obtain.ts";
import { readSpec, type GitSource, type Source } from "./spec.ts";

type Newer =
  | { kind: "newer"; /** What to install. */ spec: string; /** A version, or the beginning of a commit. */ version: string }
  | { kind: "current" }
  | { kind: "unknown"; why: string };

/** What there is that is newer than an installed version, where it came from: within its range or on its branch. An exact version gives way to the latest.
 *  @throws Problem pack_not_found, pack_unreachable */
export async function findNewer(
  { from, version }: Pick<InstalledVersion, "from" | "version">,
  options: ObtainOptions & { cwd: string },
): Promise<Newer> {
  if (from.kind === "folder" || from.kind === "tarball") return { kind: "unknown", why: `a ${from.kind} says nothing of newer versions` };
  if (from.kind === "exchange") {
    const name = /^(?:exchange:)?([\w-]+)/.exec(from.spec)?.[1] ?? "";
    const pack = (await options.index()).get(name);
    if (pack === undefined) return { kind: "unknown", why: `${name} is in no index any more` };
    return isNewer(pack.version, version) ? { kind: "newer", spec: `exchange:${name}`, version: pack.version } : { kind: "current" };
  }
  const source = readSpec(from.spec, { cwd: options.cwd, isFolder: () => false });
  if (source.kind === "npm") return await newerPackage(source, from.resolved, options);
  if (source.kind === "git") return await newerCommit(source, from.resolved, options);
  return { kind: "unknown", why: `${from.spec} is no ${from.kind} source any more` };
}

async function newerPackage(
  source: Extract<Source, { kind: "npm" }>,
  resolved: string | undefined,
  options: ObtainOptions,
): Promise<Newer> {
  const { name, wanted, spec } = source;
  const isExact = valid(wanted) !== null;
  const found = await findPackage({ name, wanted: isExact ? "latest" : wanted }, await options.npm());
  const installed = resolved?.slice(name.length + 1) ?? "0.0.0";
  if (!isNewer(found.version, installed)) return { kind: "current" };
  return { kind: "newer", spec: isExact ? `npm:${name}@${found.version}` : spec, version: found.version };
}

async function newerCommit(source: GitSource & { spec: string }, resolved: string | undefined, options: ObtainOptions): Promise<Newer> {
  const { at, spec } = source;
  const refs = await remoteRefs(source, { spec, env: options.env });
  const installed = resolved?.split(" ").at(-1);
  const compared = (commit: string | undefined, shown: string, next = spec): Newer =>
    commit === undefined || commit === installed ? { kind: "current" } : { kind: "newer", spec: next, version: shown };
  if (at.kind === "range") {
    const tag = highestTag(refs.keys(), at.range);
    return compared(refs.get(`refs/tags/${tag ?? ""}`), tag ?? "");
  }
  if (at.kind === "head") return compared(refs.get("HEAD"), short(refs.get("HEAD")));
  const branch = refs.get(`refs/heads/${at.ref}`);
  if (branch !== undefined) return compared(branch, short(branch));
  if (valid(at.ref) === null) return { kind: "unknown", why: `${at.ref} is one commit; \`pack install\` takes another` };
  const tag = highestTag(refs.keys(), `>${valid(at.ref) ?? ""}`);
  return tag === undefined ? { kind: "current" } : compared(refs.get(`refs/tags/${tag}`), tag, spec.replace(/#[^:]*/, `#${tag}`));
}

function isNewer(version: string, than: string): boolean {
  const [a, b] = [valid(version) ?? coerce(version), valid(than) ?? coerce(than)];
  return a === null || b === null ? version !== than : gt(a, b);
}

function short(commit: string | undefined): string {
  return commit?.slice(0, 12) ?? "";
}
