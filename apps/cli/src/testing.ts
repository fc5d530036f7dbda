import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Env } from "@bellhop/service";
import { vi } from "vitest";
import { commandLine } from "./command-line.ts";

/** What one command did and said. */
export interface Said {
  code: number | null;
  out: string;
  err: string;
}

export interface Call {
  /** Where it is called; default: where the tests run. */
  readonly folder?: string;
  /** All of its environment but PATH and what starts programs faster. */
  readonly env?: Env;
  /** What it reads; default: nothing. */
  readonly input?: string;
}

/** One command line within this process, which takes a tenth of what a process takes. One at a time: a process has one working directory. */
export async function callBellhop(args: readonly string[], { folder = process.cwd(), env, input = "" }: Call = {}): Promise<Said> {
  const said = { out: "", err: "" };
  const into = (where: "out" | "err") => (text: string | Uint8Array) => {
    said[where] += String(text);
    return true;
  };
  const before = process.cwd();
  process.chdir(folder);
  // What a test of vitest reads is the terminal's: nobody types there.
  const stdin = Object.getOwnPropertyDescriptor(process, "stdin");
  Object.defineProperty(process, "stdin", {
    configurable: true,
    value: Object.assign(Readable.from(input === "" ? [] : [input]), { fd: 0 }),
  });
  const streams = [
    vi.spyOn(process.stdout, "write").mockImplementation(into("out")),
    vi.spyOn(process.stderr, "write").mockImplementation(into("err")),
  ];
  try {
    return { code: await commandLine(args, environmentOf(env)), ...said };
  } finally {
    process.chdir(before);
    if (stdin !== undefined) Object.defineProperty(process, "stdin", stdin);
    for (const stream of streams) stream.mockRestore();
  }
}

/** The program itself: for its exit code, its streams and its signals. */
export async function runBellhop(args: readonly string[], { folder, env, input = "" }: Call = {}): Promise<Said> {
  const child = spawn(process.execPath, [bellhopMain, ...args], {
    ...(folder === undefined ? {} : { cwd: folder }),
    env: environmentOf(env),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (said.err += text));
  // Whoever reads nothing may be gone before this is written.
  child.stdin.on("error", () => {}).end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
}

export const bellhopMain = fileURLToPath(new URL("main.ts", import.meta.url));

export function environmentOf(env: Env = {}): Env {
  return { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env };
}
