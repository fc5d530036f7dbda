import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** A page of docs/ that shows what it says: its blocks by the heading that they stand under. */
export interface Page {
  /** The YAML of bellhop.yaml. */
  readonly config: Record<string, unknown>;
  /** Blocks of shell commands, and what each prints. */
  commands(heading: string): readonly Shown[];
  /** What is said at a prompt, and what comes back. */
  said(heading: string): readonly Shown[];
  /** The other blocks: what people see elsewhere. */
  seen(heading: string): readonly string[];
}

/** One line that is typed, and what is shown then; `…` in it stands for anything. */
export interface Shown {
  readonly typed: string;
  readonly shown: string;
}

export function readPage(name: string): Page {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "docs", name), "utf8");
  const [, config = ""] = /^```yaml bellhop\.yaml\n([^]*?)^```$/m.exec(text) ?? [];
  const blocks = (heading: string, language: string) => {
    const part = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? "";
    return [...part.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(([, block = ""]) => block);
  };
  const isSaid = (block: string) => block.startsWith("you> ");
  return {
    config: parse(config) as Record<string, unknown>,
    commands: (heading) => blocks(heading, "console").flatMap((block) => lines(block, "$ ")),
    said: (heading) =>
      blocks(heading, "text")
        .filter(isSaid)
        .flatMap((block) => lines(block, "you> ")),
    seen: (heading) => blocks(heading, "text").filter((block) => !isSaid(block)),
  };
}

/** Whether it is what the page shows. */
export function isAsShown(text: string, shown: string): boolean {
  const parts = shown
    .trim()
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^]*")}$`).test(text.trim());
}

function lines(block: string, prompt: string): Shown[] {
  const all = block.split(prompt).slice(1);
  return all.map((one) => {
    const [typed = "", ...shown] = one.split("\n");
    return { typed, shown: shown.join("\n").replace(/^bot> /, "") };
  });
}

/** A shell in which `bellhop` is this repository's.
 *  @returns what a line prints to its standard output */
export function shellIn(folder: string, env: Readonly<Record<string, string>>): (line: string) => Promise<string> {
  const programs = join(folder, "bin");
  mkdirSync(programs, { recursive: true });
  const main = join(import.meta.dirname, "..", "..", "apps", "cli", "src", "main.ts");
  const bellhop = join(programs, "bellhop");
  writeFileSync(bellhop, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(bellhop, 0o755);
  return async (line) => {
    const child = spawn("sh", ["-c", line], {
      cwd: folder,
      env: { ...process.env, ...env, PATH: `${programs}:${process.env.PATH}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${said.out}${said.err}`);
    return said.out;
  };
}
