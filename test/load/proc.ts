import { readdirSync, readFileSync } from "node:fs";

/** The clock in which /proc counts processor time: 100 per second on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Processor time of one process and all its threads, in microseconds; children are not in it. 0 when it is gone. */
export function cpuMicros(pid: number): number {
  const fields = statFields(pid);
  return ((Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond) * 1_000_000;
}

/** The process and all it started, directly or not. */
export function treeOf(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))[1] ?? 0);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (const one of found) found.push(...(childrenOf.get(one) ?? []));
  return found;
}

/** Proportional set size in MB (2^20 bytes): a page that n processes share counts for one nth. 0 when the process is gone. */
export function pssMegabytes(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** What a process runs, in a word or two. */
export function shortName(pid: number): string {
  const line = commandLine(pid);
  if (line.includes("nats-server")) return "nats-server";
  const script = line.split(" ").find((part) => /\.[cm]?[jt]s$/.test(part));
  return script === undefined ? line.replaceAll(/\s+/g, " ").slice(0, 20) : script.split("/").slice(-3).join("/");
}

/** What it does, in the letters of ps: Z is over, and waits only for its parent to know. Empty when it is gone. */
export function stateOf(pid: number): string {
  return statFields(pid)[0] ?? "";
}

/** 0 when it is gone. */
export function parentOf(pid: number): number {
  return Number(statFields(pid)[1] ?? 0);
}

/** When it was started, in seconds since the machine was; to a hundredth. 0 when it is gone. */
export function startedAt(pid: number): number {
  return Number(statFields(pid)[19] ?? 0) / ticksPerSecond;
}

/** The fields of /proc/<pid>/stat from the third on: state, parent, … The second is the name in brackets, which may hold anything. */
function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
