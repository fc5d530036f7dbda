import { spawnTied } from "./tie.ts";

/** Runs a program to its end, tied to this process, and gives what it printed on standard output. Rejects with its last words. */
export async function run(options: {
  command: string;
  args: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs: number;
}): Promise<string> {
  const { command, args, cwd, env, timeoutMs } = options;
  const child = await spawnTied({ command, args, cwd, env });
  let output = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, timeoutMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => clearTimeout(timer));
  if (late) throw new Error(`${command} took longer than ${timeoutMs / 1_000} s`);
  if (code === 0) return output;
  const words = (errors || output).trim().split("\n").slice(-4).join("; ");
  throw new Error(`${command} ${args.find((arg) => !arg.startsWith("-")) ?? ""} ended with ${code}: ${words}`);
}
