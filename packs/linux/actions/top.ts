import { readFile } from "node:fs/promises";
import { freemem, hostname, totalmem } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { code, defineAction, table, z } from "@bellhop/sdk";
import { readProcesses, usageBetween } from "./lib/processes.ts";
import { sizeOf } from "./lib/words.ts";

export default defineAction({
  description: "Tell which processes take most of this machine's CPUs or memory",
  input: {
    by: z.enum(["cpu", "memory"]).default("cpu").describe("What counts."),
    count: z.int().min(1).max(50).default(10).describe("How many are shown."),
    seconds: z.number().min(0.1).max(30).default(1).describe("How long they are watched, in seconds."),
  },
  output: z.object({
    host: z.string().describe("The machine that the runner is on. In a container, its processes are those of the container."),
    memory: z.object({ total: z.int(), free: z.int() }).describe("Of the machine, in bytes."),
    processes: z.array(
      z.object({
        pid: z.int(),
        command: z.string().describe("The program's name. Arguments are not shown: they may hold secrets."),
        user: z.string(),
        cpu: z.number().describe("In percent of one CPU."),
        memory: z.int().describe("In bytes."),
      }),
    ),
    table: z.string().describe("The same for people, in Markdown."),
  }),
  repeatable: true,
  run: async ({ input: { by, count, seconds }, signal }) => {
    const begun = performance.now();
    const before = await readProcesses();
    await pause(seconds * 1000, undefined, { signal });
    const after = await readProcesses();
    const usages = usageBetween(before, after, (performance.now() - begun) / 1000);
    const shown = (by === "cpu" ? usages : usages.toSorted((a, b) => b.memory - a.memory)).slice(0, count);
    const users = usersIn(await readFile("/etc/passwd", "utf8").catch(() => ""));
    const processes = shown.map(({ uid, ...usage }) => ({ ...usage, user: users.get(uid) ?? String(uid) }));
    return {
      host: hostname(),
      memory: { total: totalmem(), free: freemem() },
      processes,
      table: table(processes, {
        PID: ({ pid }) => pid,
        Command: ({ command }) => code(command),
        User: ({ user }) => user,
        "CPU, %": ({ cpu }) => cpu,
        Memory: ({ memory }) => sizeOf(memory),
      }),
    };
  },
});

/** @param passwd /etc/passwd: passwd(5) */
function usersIn(passwd: string): ReadonlyMap<number, string> {
  const entries = passwd.split("\n").flatMap((line) => (line.includes(":") ? [line.split(":")] : []));
  return new Map(entries.map(([name = "", , uid = ""]) => [Number(uid), name] as const));
}
