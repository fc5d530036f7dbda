import { readFileSync, readlinkSync } from "node:fs";

/** Tells a process from every other, also after its pid was given away again: where its pid counts (this boot of the machine, and the container), pid,
 *  start time in ticks. */
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

/** True only where it is proven: same boot, same pids, and no process runs under that pid and start time. Another machine's or container's process is never
 *  "gone". */
export function isGone(identity: ProcessIdentity): boolean {
  if (identity.boot !== bootId()) return false;
  const started = startOf(identity.pid);
  return started === undefined ? !isHidden(identity.pid) : started !== identity.started;
}

let boot: string | undefined;

/** All containers of a machine see the boot of its kernel, but each counts its own pids. */
function bootId(): string | undefined {
  if (boot !== undefined) return boot;
  const kernel = read("/proc/sys/kernel/random/boot_id")?.trim();
  const pids = /\d+/.exec(link("/proc/self/ns/pid") ?? "")?.[0];
  if (kernel !== undefined && pids !== undefined) boot = `${kernel}.${pids}`;
  return boot;
}

/** Somebody else's process, on a machine that shows nobody others' (hidepid). */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Field 22 of /proc/PID/stat. A zombie has ended, although nobody has asked for its exit code yet. */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold blanks and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
