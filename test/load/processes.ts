import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Every process and folder this run made. All are gone at its end, whichever end that is. */
const running = new Set<ChildProcess>();
const folders = new Set<string>();

const graceMs = 5_000;

export interface StartedProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  /** What it said last on standard error. */
  lastWords(): string;
}

export interface StartOptions {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** A channel for orders as descriptor 4. */
  channel?: boolean;
  /** What comes on its standard output. */
  onOutput?: (text: string) => void;
}

/** Starts a process that is ended with this one. */
export function startProcess({ command, args, env, cwd, channel = false, onOutput }: StartOptions): StartedProcess {
  // Descriptor 3 is the lifeline that the product's processes watch: its other end is ours alone.
  // Its log goes to a file: reading it here would cost the two cores that are measured.
  const logFile = join(temporaryFolder("log"), "stderr");
  const log = openSync(logFile, "w", 0o600);
  const child = spawn(command, args, {
    cwd,
    env: { ...env, BELLHOP_LIFELINE_FD: "3" },
    stdio: ["pipe", "pipe", log, "pipe", ...(channel ? (["ipc"] as const) : [])],
  });
  closeSync(log);
  running.add(child);
  child.stdout?.setEncoding("utf8").on("data", (text: string) => onOutput?.(text));
  child.stdio[3]?.on("error", () => {});
  child.stdin?.on("error", () => {});
  const gone = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  }).finally(() => running.delete(child));
  return { pid: child.pid ?? 0, child, gone, lastWords: () => readFileSync(logFile, "utf8").trim().split("\n").slice(-8).join("\n") };
}

/** Asks it to end, and ends it when it does not. */
export async function endProcess({ child, gone }: StartedProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await gone;
  clearTimeout(timer);
}

/** A folder that is removed at the end. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `bellhop-${name}-`));
  folders.add(folder);
  return folder;
}

/** Ends everything at once: for the end of the run, whether it is a good one or not. */
export async function endAll(): Promise<void> {
  const left = [...running];
  for (const child of left) child.kill("SIGTERM");
  const timer = setTimeout(() => {
    for (const child of left) child.kill("SIGKILL");
  }, graceMs);
  await Promise.all(left.filter((child) => child.exitCode === null && child.signalCode === null).map((child) => once(child, "exit")));
  clearTimeout(timer);
  removeFolders();
}

export function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.clear();
}

/** The environment without what would point a process of the product somewhere else. */
export function plainEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("BELLHOP_") && name !== "NATS_URL" && !name.startsWith("npm_"),
  );
  return Object.fromEntries(kept);
}
