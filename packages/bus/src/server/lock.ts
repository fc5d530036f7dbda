import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { codeOf } from "@bellhop/contracts";

const lookAgainMs = 200;

/** Runs `work` while no other process (or other call) holds the lock file. A holder that died is no obstacle. */
export async function withLock<Result>(lock: { file: string; waiting?: () => void }, work: () => Promise<Result>): Promise<Result> {
  let told = false;
  while (!(await take(lock.file))) {
    if (!told) lock.waiting?.();
    told = true;
    await new Promise((wake) => setTimeout(wake, lookAgainMs));
  }
  try {
    return await work();
  } finally {
    await rm(lock.file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid} ${startedAt(process.pid) ?? ""}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  if (await isStale(file)) await rm(file, { force: true });
  return false;
}

async function isStale(file: string): Promise<boolean> {
  try {
    const [pid, started] = (await readFile(file, "utf8")).split(" ");
    // Empty: its holder is between creating and writing it, or died there.
    if (!pid) return Date.now() - (await stat(file)).mtimeMs > 5_000;
    return process.platform === "linux" ? startedAt(Number(pid)) !== started : !answers(Number(pid));
  } catch {
    return false;
  }
}

/** A pid alone may be somebody else's by now; with its start time it names one process for good. A zombie counts as gone. */
function startedAt(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...rest] = fields.slice(fields.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : rest[18];
  } catch {
    return undefined;
  }
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
