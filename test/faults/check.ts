import { readFileSync } from "node:fs";
import type { RunRecord } from "@bellhop/contracts";
import type { Shown } from "../stage.ts";

/** What was typed, and whether doing it twice would be wrong. */
export interface Asked {
  line: string;
  word: string;
  repeatable: boolean;
}

export interface Findings {
  done: number;
  abandoned: number;
  /** What broke the promise, in words. Empty is good. */
  faults: string[];
}

/** Compares what was asked with what a person saw and with the traces that the actions left; and the logs, for what still waits. Never looks at the
 *  product's own counters or receipts. */
export function check(at: { asked: readonly Asked[]; shown: readonly Shown[]; traces: string; logs: readonly RunRecord[] }): Findings {
  const { asked, shown, logs } = at;
  const traces = readFileSync(at.traces, "utf8").split("\n");
  const findings: Findings = { done: 0, abandoned: 0, faults: [] };
  for (const { line, word, repeatable } of asked) {
    const about = shown.filter((reply) => reply.line === line);
    const times = traces.filter((trace) => trace === word).length;
    const done = about.some((reply) => reply.outcome === "ok" && reply.text.includes(`noted ${word}`));
    const abandoned = about.some((reply) => reply.outcome === "failed" && reply.text.includes("was abandoned"));
    if (about.length !== 1) findings.faults.push(`${word}: ${about.length} replies: ${JSON.stringify(about)}`);
    if (!done && !abandoned) findings.faults.push(`${word}: neither done nor told as abandoned: ${JSON.stringify(about)}`);
    if (done && times === 0) findings.faults.push(`${word}: told as done, but there is no trace of it`);
    if (!repeatable && times > 1) findings.faults.push(`${word}: done ${times} times`);
    if (done) findings.done += 1;
    if (abandoned) findings.abandoned += 1;
  }
  for (const { state } of logs)
    if (state !== undefined && state.endedAt === undefined) findings.faults.push(`run ${state.id} still waits: ${state.status}`);
  return findings;
}
