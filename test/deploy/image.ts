import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { containerFile, instructionsOf, root } from "./files.ts";

/** What the image holds in /opt/bellhop, made in a folder as the container file makes it. @throws Error when a step fails */
export function buildTree(folder: string): void {
  const listed = run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", ...context], root);
  for (const path of listed.split("\0").filter((name) => name !== "" && !left.test(name))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  const install = instructionsOf(readFileSync(containerFile, "utf8")).find(({ name, rest }) => name === "RUN" && rest.includes("pnpm"));
  const [, version, args] = /pnpm@(\S+) (.+)$/.exec(install?.rest ?? "") ?? [];
  if (version === undefined || args === undefined) throw new Error("the container file installs nothing by pnpm");
  const pinned = run(join(root, "node_modules/.bin/pnpm"), ["--version"], root).trim();
  if (pinned !== version) throw new Error(`the container file installs by pnpm ${version}, everything else by ${pinned}`);
  run("sh", ["-c", `${join(root, "node_modules/.bin/pnpm")} ${args}`], folder);
}

/** ENV of the image, what it starts, and how it looks whether that is well. */
export function imageSettings(): {
  env: Record<string, string>;
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
  user: string;
} {
  const instructions = instructionsOf(readFileSync(containerFile, "utf8"));
  const last = (name: string) => instructions.findLast((one) => one.name === name)?.rest ?? "";
  const words = (text: string) => JSON.parse(text) as string[];
  const pairs = [...last("ENV").matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(
    ([, name = "", quoted, plain = ""]) => [name, quoted ?? plain] as const,
  );
  return {
    env: Object.fromEntries(pairs),
    entrypoint: words(last("ENTRYPOINT")),
    command: words(last("CMD")),
    healthcheck: words(/CMD (\[.*\])$/.exec(last("HEALTHCHECK"))?.[1] ?? "[]"),
    user: last("USER"),
  };
}

/** As Containerfile.dockerignore has it. */
const context = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "apps", "packages", "packs", "test/package.json"];
const left = /\.(test|bench)\.ts$/;

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 64 * 1024 ** 2 });
  if (status !== 0)
    throw new Error(`${command} ${args[0] ?? ""} ended with ${status}: ${error?.message ?? stderr.slice(-2_000) + stdout.slice(-2_000)}`);
  return stdout;
}
