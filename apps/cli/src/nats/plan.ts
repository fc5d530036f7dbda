import { isDoable, isStuck } from "@bellhop/bus";
import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { findingsText } from "./findings.ts";
import { asOperator } from "./operator.ts";

/** `bellhop nats plan`: what NATS has, lacks, and has otherwise than it should. 3 where something is to do. */
export async function natsPlan({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  const findings = await asOperator(env, "bellhop nats plan", (bus, layout) => bus.plan(layout));
  const doable = findings.filter(isDoable).length;
  const stuck = findings.filter(isStuck).length;
  const todo = doable + stuck > 0;
  if (json) process.stdout.write(`${JSON.stringify({ todo, findings })}\n`);
  else {
    const text = findingsText(findings);
    if (text !== "") process.stdout.write(`${text}\n`);
    const right = findings.filter(({ kind }) => kind === "right").length;
    note(`${right} of ${findings.length} are as they should be.`);
    if (doable > 0) note("`bellhop nats apply` makes what is missing and changes what can be changed; nothing is deleted.");
    if (stuck > 0) note(`${stuck} need a person: see above.`);
  }
  return todo ? 3 : 0;
}
