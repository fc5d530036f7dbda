import { readFileSync } from "node:fs";

/** Tells a process from every other, also after its pid was given away again: this boot of the machine, pid, start time in ticks. */
export interface ProcessIdentity {
  boot: string;
  pid: number;
  started: string;
}

/** This process; undefined where there is no /proc to say so. */
export function processIdentity(pid = process.pid): ProcessIdentity | undefined {
  const boot = bootId();
  const started = startOf(pid);
  return boot === undefined || started === undefined ? undefined : { boot, pid, started };
}

/** True only where it is proven: same boot, and no process runs under that pid and start time. Another machine's process is never "gone". */
export function isGone(identity: ProcessIdentity): boolean {
  if (identity.boot !== bootId()) return false;
  return startOf(identity.pid) !== identity.started;
}

let boot: string | undefined;

function bootId(): string | undefined {
  boot ??= read("/proc/sys/kernel/random/boot_id")?.trim();
  return boot;
}

/** Field 22 of /proc/PID/stat. A zombie has ended, although nobody has asked for its exit code yet. */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold blanks and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
