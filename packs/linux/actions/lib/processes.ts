import { readdir, readFile } from "node:fs/promises";

/** A process at one moment. */
export interface Process {
  readonly pid: number;
  /** The program's name. Its arguments are left out: they may hold secrets. */
  readonly command: string;
  /** When it was started, in ticks since the machine was: with `pid` it names the process for ever. */
  readonly started: number;
  /** What it has had of a CPU so far, in ticks. */
  readonly ticks: number;
  /** In bytes; 0 for the kernel's own. */
  readonly memory: number;
  readonly uid: number;
}

/** A process over some time. */
export interface Usage extends Omit<Process, "ticks" | "started"> {
  /** In percent of one CPU. */
  readonly cpu: number;
}

/** Ticks are 1/100 s on every Linux, whatever its own clock: USER_HZ. */
const ticksPerSecond = 100;

/** Every process there is. One that ends while it is read is left out. */
export async function readProcesses(): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const read = await Promise.all(
    pids.map(async (pid) => {
      const texts = await Promise.all(["stat", "status", "cmdline"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8"))).catch(
        () => undefined,
      );
      return texts === undefined ? undefined : parseProcess({ stat: texts[0] ?? "", status: texts[1] ?? "", cmdline: texts[2] ?? "" });
    }),
  );
  return read.filter((one) => one !== undefined);
}

/** What /proc/PID/stat, status and cmdline say. */
export function parseProcess({ stat, status, cmdline }: { stat: string; status: string; cmdline: string }): Process {
  // proc_pid_stat(5): the thread's name stands in brackets, and may itself hold brackets.
  const close = stat.lastIndexOf(")");
  const fields = stat.slice(close + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid: Number.parseInt(stat, 10),
    command: programIn(cmdline) ?? stat.slice(stat.indexOf("(") + 1, close),
    started: field(22),
    ticks: field(14) + field(15),
    memory: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
    uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
  };
}

/** What each process that lived all the time took, the busiest first.
 *  @param seconds between the two looks */
export function usageBetween(before: readonly Process[], after: readonly Process[], seconds: number): Usage[] {
  const known = new Map(before.map((process) => [`${process.pid}/${process.started}`, process.ticks]));
  return after
    .flatMap(({ ticks, started, ...process }) => {
      const then = known.get(`${process.pid}/${started}`);
      if (then === undefined) return [];
      return [{ ...process, cpu: Math.round(((ticks - then) / ticksPerSecond / seconds) * 1000) / 10 }];
    })
    .toSorted((a, b) => b.cpu - a.cpu || b.memory - a.memory);
}

/** The thread's name is cut, and some programs (Node among them) give it another than their own. The kernel's own processes have no command line. */
function programIn(cmdline: string): string | undefined {
  const words = cmdline.split("\0", 1)[0]?.trim().split(/\s+/, 1)[0] ?? "";
  const name = words.slice(words.lastIndexOf("/") + 1).replace(/:$/, "");
  return name === "" ? undefined : name;
}
