import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { delimiter, join, relative } from "node:path";
import { problem } from "@bellhop/contracts";
import type { Fetch } from "./fetch.ts";
import { fetchPackage } from "./fetch-package.ts";
import { fetchRelease } from "./fetch-release.ts";
import { withLock } from "./lock.ts";
import { isNewEnough, oldestServer } from "./version.ts";

interface FoundServer {
  binary: string;
  version: string;
  /** Where it came from, for people: "PATH", ".bellhop/bin", "the official release", "Debian testing". */
  from: string;
}

interface FindOptions {
  /** The `.bellhop` folder, where a fetched server is kept (in bin/). */
  root: string;
  /** Its PATH is looked through; its proxies are used. */
  env: NodeJS.ProcessEnv;
  /** Progress and what was passed over, for standard error. */
  log?: (line: string) => void;
  /** Tried in turn when none is at hand. */
  fetches?: readonly { name: string; fetch: Fetch }[];
}

const bring = [
  { name: "the official release", fetch: fetchRelease },
  { name: "the operating system's packages", fetch: fetchPackage },
] as const;

/** Finds a nats-server of 2.10 or later: on PATH, else in `<root>/bin`, else fetches one there (never into the system). Safe to call from several
 *  processes at once. Rejects with the problem `nats_missing`, which lists what was tried. */
export async function findNatsServer({ root, env, log = () => {}, fetches = bring }: FindOptions): Promise<FoundServer> {
  const tried: string[] = [];
  const pass = (line: string) => {
    tried.push(line);
    return line;
  };
  for (const folder of (env["PATH"] ?? "").split(delimiter).filter(Boolean)) {
    const binary = join(folder, "nats-server");
    const seen = await look(binary);
    if (seen.kind === "good") return { binary, version: seen.version, from: "PATH" };
    if (seen.kind === "bad") log(pass(`passed over ${binary}: ${seen.why}`));
  }
  const binary = join(root, "bin", "nats-server");
  const kept = async (): Promise<FoundServer | undefined> => {
    const seen = await look(binary);
    if (seen.kind === "good") return { binary, version: seen.version, from: relative(join(root, ".."), join(root, "bin")) };
    if (seen.kind === "bad") pass(`passed over ${binary}: ${seen.why}`);
    return undefined;
  };
  const before = await kept();
  if (before) return before;

  await mkdir(join(root, "bin"), { recursive: true });
  return await withLock(
    { file: join(root, "bin", "fetch.lock"), waiting: () => log("waiting for another process that is fetching nats-server") },
    async () => {
      const meanwhile = await kept();
      if (meanwhile) return meanwhile;
      for (const { name, fetch } of fetches) {
        try {
          const from = await fetch({ target: binary, env, log });
          const seen = await look(binary);
          if (seen.kind === "good") return { binary, version: seen.version, from };
          throw new Error(seen.kind === "bad" ? seen.why : "it is not there after all");
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          pass(`${name}: ${why}`);
          log(`${name} could not be had: ${why.split("\n")[0]}`);
        }
      }
      throw problem("nats_missing", {
        tried: ["Tried:", "nats-server on PATH", ...tried].join("\n  - "),
        suggestion: `To do: install nats-server ${oldestServer} or later so that it is on PATH (or as ${binary}), or set NATS_URL to a server that runs somewhere.`,
      });
    },
  );
}

type Look = { kind: "none" } | { kind: "bad"; why: string } | { kind: "good"; version: string };

/** What a path holds: nothing, a nats-server that will do, or one that won't. */
export async function look(binary: string): Promise<Look> {
  try {
    await access(binary, constants.X_OK);
  } catch {
    return { kind: "none" };
  }
  return await new Promise((resolve) => {
    execFile(binary, ["--version"], { timeout: 10_000 }, (error, stdout) => {
      const version = /v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
      if (error || version === undefined)
        resolve({ kind: "bad", why: `it does not run here (${error?.message.split("\n")[0] ?? "it names no version"})` });
      else if (!isNewEnough(version)) {
        resolve({
          kind: "bad",
          why: `it is ${version}, which loses acknowledgements when it is killed; ${oldestServer} or later is needed`,
        });
      } else resolve({ kind: "good", version });
    });
  });
}
