import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { withBus } from "../with-bus.ts";
import { switchedPacks } from "./packs.ts";

/** `bellhop trigger list`. Triggers that no pack declares but a rule waits for are among them. */
export async function triggerList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop trigger list", async (bus) => {
    const packs = await switchedPacks(bus);
    const waiting = packs.flatMap(({ rules = [] }) => rules.filter(({ enabled }) => enabled).map(({ trigger }) => trigger.type));
    const declared = new Map(packs.flatMap(({ triggers = [] }) => triggers.map(({ ref, description }) => [ref, description] as const)));
    const triggers = [...new Set([...declared.keys(), ...waiting])]
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((ref) => ({
        ref,
        rules: waiting.filter((type) => type === ref).length,
        description: declared.get(ref) ?? "",
      }));
    if (json) process.stdout.write(`${JSON.stringify({ triggers })}\n`);
    else if (triggers.length > 0)
      printTable(
        ["TRIGGER", "RULES", ""],
        triggers.map(({ ref, rules, description }) => [ref, String(rules), description]),
      );
    else note("No pack that is active declares a trigger or has a rule.");
    return 0;
  });
}
