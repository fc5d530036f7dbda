import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder with these files for the length of a test. A name that ends in `*` is executable. */
export function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "bellhop-source-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  write(folder, files);
  return folder;
}

/** A pack that echoes, as StackStorm has them. */
export function packFiles(name: string, version: string): Record<string, string> {
  return {
    "pack.yaml": `name: ${name}\nversion: ${version}\ndescription: Says ${version}\nauthor: Acme\n`,
    "actions/say.yaml": "name: say\nrunner_type: local-shell-script\nentry_point: say.sh\ndescription: Says its version\n",
    "actions/say.sh*": `echo ${version}\n`,
  };
}

export interface Repository {
  readonly folder: string;
  /** What git takes, and a spec with `git+` before it. */
  readonly url: string;
  /** Commits these files beside what is there; answers the commit. */
  readonly commit: (files: Record<string, string>, tag?: string) => string;
  readonly git: (...args: string[]) => string;
}

/** A git repository on the disk. */
export function repository(): Repository {
  const folder = folderWith({});
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      encoding: "utf8",
      env: cleanEnv(),
    }).trim();
  git("init", "-q", "--initial-branch=main");
  return {
    folder,
    url: `file://${folder}`,
    git,
    commit(files, tag) {
      write(folder, files);
      git("add", "-A");
      git("commit", "-q", "-m", "x");
      if (tag !== undefined) git("tag", "-a", "-m", tag, tag);
      return git("rev-parse", "HEAD");
    },
  };
}

/** Nobody's own settings, and no repository that the tests are run from. */
export function cleanEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: tmpdir(), GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
}

function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name.replace(/\*$/, ""));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (name.endsWith("*")) chmodSync(path, 0o755);
  }
}
