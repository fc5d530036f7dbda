import { waitWords } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { notThere } from "../not-there.ts";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { clock } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { actionsAtGates } from "./at-gates.ts";
import { policyWords } from "./list.ts";

/** `bellhop policy show`: who is at work under the policies of an action, and who waits. @throws NotThere */
export async function policyShow(name: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop policy show", async (bus) => {
    const all = await actionsAtGates(bus);
    const found = all.find(({ action, definitions }) => action === name || definitions.some(({ ref }) => ref === name));
    if (found === undefined) {
      const known = all.flatMap(({ action: ref, definitions: policies }) => [ref, ...policies.map((policy) => policy.ref)]);
      const told = `No policy and no action with one is called ${name}.`;
      throw notThere({ kind: "policy", name, known, listedBy: "policy list", told });
    }
    const { action, definitions, policies: compiled, told } = found;
    const policies = definitions.map((one) => ({ ref: one.ref, type: one.type, enabled: one.enabled, says: policyWords(one, compiled) }));
    const at = told.map(({ pass: { run, task, at: since }, verdict }) => ({ run, task, asked: new Date(since).toISOString(), verdict }));
    const inside = at.flatMap(({ verdict, ...one }) => (verdict.kind === "inside" ? [one] : []));
    const line = at.flatMap(({ verdict, ...one }) => {
      if (verdict.kind === "inside") return [];
      return [
        { ...one, ...(verdict.kind === "waits" ? { place: verdict.place, why: verdict.why } : { refused: verdict.problem.message }) },
      ];
    });
    if (json) process.stdout.write(`${JSON.stringify({ action, policies, inside, line })}\n`);
    else {
      process.stdout.write(`${action}\n${policies.map(({ ref, enabled, says }) => `  ${ref}: ${enabled ? says : "off"}\n`).join("")}`);
      const rows = at.map(({ run, task, asked, verdict }) => {
        const how = verdict.kind === "inside" ? "at work" : verdict.kind === "waits" ? waitWords(verdict) : verdict.problem.message;
        return [run, task, clock(asked), how];
      });
      if (rows.length === 0) note("Nobody is at work, nobody waits.");
      else printTable(["RUN", "TASK", "ASKED", ""], rows);
    }
    return 0;
  });
}
