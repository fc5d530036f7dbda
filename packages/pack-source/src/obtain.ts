import { randomUUID } from "node:crypto";
import { mkdir, readdir, realpath, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, problem, type PackOrigin } from "@bellhop/contracts";
import { packInIndex, type ExchangeIndex } from "./exchange.ts";
import { fetchGit, remoteRefs } from "./git.ts";
import { downloadTarball, findPackage, hashOf, type NpmSettings } from "./npm.ts";
import { readSpec, type GitSource, type Source } from "./spec.ts";
import { unpack } from "./unpack.ts";

export interface Obtained {
  /** Where the pack lies. A folder that was named is left where it is. */
  readonly folder: string;
  readonly origin: PackOrigin;
  /** What whoever published it says against using it. */
  readonly deprecated?: string;
  /** Takes away what was fetched. */
  readonly release: () => Promise<void>;
}

export interface ObtainOptions {
  /** `.bellhop/cache`. */
  readonly cacheFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly npm: () => Promise<NpmSettings>;
  readonly index: () => Promise<ExchangeIndex>;
}

/** Fetches a pack and says what is known of where it came from. Nothing of it runs. Whether it may be had is asked before: `mayObtain`.
 *  @throws Problem pack_not_found, pack_unreachable, pack_archive_refused, pack_signature_invalid */
export async function obtain(source: Source, options: ObtainOptions): Promise<Obtained> {
  if (source.kind === "folder") return await fromFolder(source);
  const place = await freshFolder(join(options.cacheFolder, "obtained"));
  const release = () => rm(place, { recursive: true, force: true });
  try {
    return { ...(await fetchInto(place, source, options)), release };
  } catch (error) {
    await release();
    throw error;
  }
}

type Fetched = Omit<Obtained, "release">;

async function fetchInto(place: string, source: Exclude<Source, { kind: "folder" }>, options: ObtainOptions): Promise<Fetched> {
  const { spec, kind } = source;
  switch (source.kind) {
    case "npm": {
      const settings = await options.npm();
      const { name, version, tarball, integrity, signature, deprecated } = await findPackage(source, settings);
      const file = join(place, "package.tgz");
      const got = await downloadTarball({ url: tarball, spec, file, integrity }, settings);
      const origin: PackOrigin = { kind: "npm", spec, resolved: `${name}@${version}`, integrity: integrity ?? got.integrity, signature };
      const folder = await unpack(file, join(place, "pack"), { spec });
      return { folder, origin, ...(deprecated === undefined ? {} : { deprecated }) };
    }
    case "tarball": {
      const isUrl = /^https?:/.test(source.at);
      const file = isUrl ? join(place, "package.tgz") : source.at;
      const { integrity } = isUrl
        ? await downloadTarball({ url: source.at, spec, file }, await options.npm())
        : await integrityOf(file, spec);
      return {
        folder: await unpack(file, join(place, "pack"), { spec }),
        origin: { kind: "tarball", spec, integrity, signature: "unsigned" },
      };
    }
    case "git": {
      const { commit, tag } = await fetchGit(source, join(place, "pack"), { spec, env: options.env });
      const folder = await folderIn(join(place, "pack"), source, spec);
      return { folder, origin: { kind: "git", spec, resolved: tag === undefined ? commit : `${tag} ${commit}`, signature: "unsigned" } };
    }
    case "exchange": {
      const pack = packInIndex(await options.index(), source);
      const git = readSpec(pack.repository.replace(/^(?=https?:|file:|ssh:)/, "git+"), { cwd: place, isFolder: () => false });
      if (git.kind !== "git") {
        const suggestion = "The index is at fault: its repo_url has to be the address of a git repository.";
        throw problem("pack_not_found", { spec, why: `its repository ${git.spec} is none`, suggestion });
      }
      const version = source.version ?? pack.version;
      const at = await refOf({ git, version, isCurrent: version === pack.version, spec, env: options.env });
      const { commit } = await fetchGit({ ...git, at }, join(place, "pack"), { spec, env: options.env });
      return { folder: join(place, "pack"), origin: { kind, spec, resolved: `${version} ${commit}`, signature: "unsigned" } };
    }
  }
}

/** The Exchange tags its versions `v1.0.0`. What it has not tagged is the head of its repository, where that is the current one. */
async function refOf(at: {
  git: GitSource;
  version: string;
  isCurrent: boolean;
  spec: string;
  env: ObtainOptions["env"];
}): Promise<GitSource["at"]> {
  const { git, version, isCurrent, spec, env } = at;
  const refs = await remoteRefs(git, { spec, env });
  const ref = [`v${version}`, version].find((name) => refs.has(`refs/tags/${name}`));
  if (ref !== undefined) return { kind: "ref", ref: `refs/tags/${ref}` };
  if (isCurrent) return { kind: "head" };
  throw problem("pack_not_found", {
    spec,
    why: `its repository has no tag v${version}`,
    suggestion: "Leave the version out for the current one.",
  });
}

async function fromFolder({ spec, path }: Extract<Source, { kind: "folder" }>): Promise<Obtained> {
  const folder = await realpath(path).catch(() => undefined);
  if (folder === undefined || !(await stat(folder)).isDirectory())
    throw problem("pack_not_found", { spec, why: `there is no folder ${path}`, suggestion: "Is the path right, seen from here?" });
  return { folder, origin: { kind: "folder", spec: folder, signature: "unsigned" }, release: async () => {} };
}

async function folderIn(checkout: string, { folder }: GitSource, spec: string): Promise<string> {
  if (folder === undefined) return checkout;
  const [home, found] = await Promise.all([realpath(checkout), realpath(join(checkout, folder)).catch(() => undefined)]);
  if (found?.startsWith(`${home}/`) === true) return found;
  throw problem("pack_not_found", { spec, why: `the repository has no folder ${folder}`, suggestion: "Is the path behind path: right?" });
}

async function integrityOf(file: string, spec: string): Promise<{ integrity: string }> {
  try {
    return { integrity: `sha512-${await hashOf(file, "sha512")}` };
  } catch (error) {
    const why = codeOf(error) === "ENOENT" ? `there is no file ${file}` : String(error);
    throw problem("pack_not_found", { spec, why, suggestion: "Is the path right, seen from here?" }, { cause: error });
  }
}

/** What another one that was killed has left there for an hour goes. */
async function freshFolder(root: string): Promise<string> {
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    const old = await stat(join(root, name)).catch(() => undefined);
    if (old !== undefined && Date.now() - old.mtimeMs > 3_600_000) await rm(join(root, name), { recursive: true, force: true });
  }
  const place = join(root, randomUUID());
  await mkdir(join(place, "pack"), { recursive: true });
  return place;
}
