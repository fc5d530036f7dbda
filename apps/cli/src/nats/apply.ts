import { isStuck, type Named } from "@bellhop/bus";
import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { findingsText } from "./findings.ts";
import { asOperator } from "./operator.ts";

/** `bellhop nats apply`: carries the plan out. 1 where the server refused something, or only a person can do what is left. */
export async function natsApply({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  const applied = await asOperator(env, "bellhop nats apply", (bus, layout) => bus.apply(layout));
  const { made, changed, failed, findings } = applied;
  const left = findings.filter(({ kind }) => kind !== "right");
  if (json) process.stdout.write(`${JSON.stringify({ made, changed, failed, findings: left })}\n`);
  else {
    for (const one of grouped(made)) process.stdout.write(`made ${one}\n`);
    for (const one of grouped(changed)) process.stdout.write(`changed ${one}\n`);
    for (const { what, name, why } of failed) note(`${what} ${name} was refused: ${why}`);
    const text = findingsText(left);
    if (text !== "") process.stdout.write(`${text}\n`);
    if (left.length === 0) note("Everything is as it should be.");
  }
  return failed.length === 0 && !findings.some(isStuck) ? 0 : 1;
}

/** One line for all consumers of a stream: there are dozens. */
function grouped(all: readonly Named[]): string[] {
  const lines = all.filter(({ what }) => what !== "consumer").map(({ what, name }) => `${what} ${name}`);
  for (const [stream, some] of Object.entries(Object.groupBy(all, ({ what, stream }) => (what === "consumer" ? stream : "")))) {
    if (stream !== "") lines.push(`${some?.length ?? 0} consumers of ${stream}`);
  }
  return lines;
}
