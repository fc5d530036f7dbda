import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "@bellhop/contracts";
import { maxSatisfying, valid } from "semver";
import type { GitSource } from "./spec.ts";

interface GitOptions {
  /** Named in what goes wrong; no credentials in it. */
  readonly spec: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For each call of git, in milliseconds. Default two minutes. */
  readonly limitMs?: number;
}

/** Fetches one commit into a folder that is not there yet: no history, no submodules, nothing of the repository runs.
 *  @throws Problem pack_not_found, pack_unreachable */
export async function fetchGit(source: GitSource, folder: string, options: GitOptions): Promise<{ commit: string; tag?: string }> {
  const tag = source.at.kind === "range" ? await tagIn(source, source.at.range, options) : undefined;
  const ref = tag ?? (source.at.kind === "ref" ? source.at.ref : "HEAD");
  const git = (...args: string[]) => run(["-C", folder, ...args], options);
  await mkdir(folder, { recursive: true });
  // No template: those of this machine may have hooks.
  await git("init", "-q", "--template=", "--initial-branch=main");
  const fetch = (...args: string[]) => git("fetch", "-q", "--no-tags", "--no-recurse-submodules", ...args);
  const found = await fetch("--depth=1", "--end-of-options", source.url, ref).then(
    () => "FETCH_HEAD",
    async (error: unknown) => {
      // Not every server gives out a commit by its name.
      if (!/^[0-9a-f]{7,40}$/.test(ref)) throw hasNoSuchRef(error) ? noSuchRef(options.spec, ref) : error;
      await fetch("--end-of-options", source.url, "+refs/heads/*:refs/remotes/all/*", "+refs/tags/*:refs/tags/*");
      return `${ref}^{commit}`;
    },
  );
  const commit = (
    await git("rev-parse", "-q", "--verify", found).catch(() => {
      throw noSuchRef(options.spec, ref);
    })
  ).trim();
  await git("checkout", "-q", "--detach", commit);
  await rm(join(folder, ".git"), { recursive: true });
  return { commit, ...(tag === undefined ? {} : { tag }) };
}

/** Branches and tags with the commits they name. @throws Problem pack_unreachable */
export async function remoteRefs(source: GitSource, options: GitOptions): Promise<Map<string, string>> {
  const listed = await run(["ls-remote", "--end-of-options", source.url], options);
  // An annotated tag comes twice; what it points to comes second.
  return new Map(
    listed.split("\n").flatMap((line) => {
      const [commit, ref] = line.split("\t");
      return commit === undefined || ref === undefined ? [] : [[ref.replace(/\^\{\}$/, ""), commit] as const];
    }),
  );
}

/** The tag whose version is the highest of those that fit. */
export function highestTag(refs: Iterable<string>, range: string): string | undefined {
  const tags = new Map(
    [...refs].flatMap((ref) => {
      const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1];
      const version = tag === undefined ? null : valid(tag);
      return tag === undefined || version === null ? [] : [[version, tag] as const];
    }),
  );
  const best = maxSatisfying([...tags.keys()], range);
  return best === null ? undefined : tags.get(best);
}

async function tagIn(source: GitSource, range: string, options: GitOptions): Promise<string> {
  const tag = highestTag((await remoteRefs(source, options)).keys(), range);
  if (tag !== undefined) return tag;
  const suggestion = "Name a branch, a tag or a commit behind #.";
  throw problem("pack_not_found", { spec: options.spec, why: `no tag there is a version of ${range}`, suggestion });
}

function noSuchRef(spec: string, ref: string): Error {
  const suggestion = `Is ${ref} a branch, a tag or a commit there? \`git ls-remote\` lists them.`;
  return problem("pack_not_found", { spec, why: `the repository has no ${ref}`, suggestion });
}

function hasNoSuchRef(error: unknown): boolean {
  return error instanceof Error && /couldn't find remote ref|not our ref/i.test(error.message);
}

const settings = [
  "core.hooksPath=/dev/null",
  "core.autocrlf=false",
  "protocol.ext.allow=never",
  "advice.detachedHead=false",
  // A server that says nothing: whoever ends git from outside does not reach what git has started for the network.
  "http.lowSpeedLimit=1",
  "http.lowSpeedTime=60",
];

async function run(args: readonly string[], { spec, env, limitMs = 120_000 }: GitOptions): Promise<string> {
  // A group of its own, so that all of it can be ended.
  const child = spawn("git", [...settings.flatMap((setting) => ["-c", setting]), ...args], {
    env: gitEnv(env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (said.err = (said.err + text).slice(-4_000)));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endAll(child.pid);
  }, limitMs);
  const ended = await new Promise<number | null | NodeJS.ErrnoException>((resolve) => {
    child.once("error", resolve);
    child.once("close", resolve);
  });
  clearTimeout(timer);
  if (ended === 0) return said.out;
  if (ended instanceof Error) {
    const suggestion = "Install git (on Debian: apt install git), or give a tarball.";
    throw problem("pack_unreachable", { spec, why: `git can't be called (${ended.code ?? ended.message})`, suggestion });
  }
  const words = late ? `git took longer than ${limitMs / 1_000} s` : withoutCredentials(said.err.trim());
  const why = (words === "" ? `git ended with ${String(ended)}` : words).replace(/\.?\n+/g, "; ").replace(/\.$/, "");
  const suggestion =
    "Git said so. Check the address, and that this machine may read it without being asked (an SSH key, a credential helper).";
  throw problem("pack_unreachable", { spec, why, suggestion });
}

function endAll(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It is over already.
  }
}

/** Nobody is there to be asked, and a repository that this process happens to stand in is none of its business. */
function gitEnv(env: GitOptions["env"]): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith("GIT_") || /^GIT_(?:SSH|SSL|CONFIG|PROXY|ASKPASS)/.test(name));
  return {
    GIT_SSH_COMMAND: "ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval=15",
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh",
    LC_ALL: "C",
  };
}

function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^/@\s]+@/g, "://");
}
