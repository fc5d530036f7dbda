import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { appendFileSync } from "node:fs";
import { dirname } from "node:path";

const kept = 500;

/** Lines typed at earlier prompts, newest first, as readline wants them. */
export interface History {
  readonly lines: string[];
  add(line: string): void;
}

/** Reads the history file (mode 0600, made when absent), cut to its last lines. */
export async function openHistory(path: string): Promise<History> {
  const all = (await readFile(path, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  const recent = all.slice(-kept);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, recent.map((line) => `${line}\n`).join(""), { mode: 0o600 });
  await chmod(path, 0o600);
  return {
    lines: recent.toReversed(),
    add(line) {
      if (mayBeKept(line)) appendFileSync(path, `${line}\n`);
    },
  };
}

/** Whether a line may lie on disk: not the claim code, nor anything that is named like a secret. */
export function mayBeKept(line: string): boolean {
  if (line.trim() === "" || /^\s*!?\s*claim\b/i.test(line)) return false;
  return !/(pass(word|phrase|wd)?|token|secret|api[-_]?key|credentials?|authorization)\s*[=:]|\bbearer\s+\S|:\/\/[^/\s:]+:[^@\s]+@/i.test(
    line,
  );
}
