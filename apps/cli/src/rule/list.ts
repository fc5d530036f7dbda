import { buckets, token } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { activePacks } from "../event/packs.ts";
import { note, UsageError, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { personHere } from "../terminal/adapter.ts";
import { withBus } from "../with-bus.ts";

/** `bellhop rule list`: the rules of all active packs, as they are switched. */
export async function ruleList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop rule list", async (bus) => {
    const switches = await bus.bucket(buckets.rule).entries(">");
    const rules = (await activePacks(bus))
      .flatMap((pack) => pack.rules ?? [])
      .map(({ ref, type, trigger, action, enabled, description }) => {
        const by = switches.find(({ value }) => value.rule === ref)?.value;
        const switched = by === undefined ? {} : { switched: { by: by.by, at: by.at } };
        return { ref, enabled: by?.enabled ?? enabled, type, trigger, action: action.ref, description, ...switched };
      });
    if (json) process.stdout.write(`${JSON.stringify({ rules })}\n`);
    else if (rules.length === 0) note("No active pack has a rule.");
    else
      printTable(
        ["RULE", "STATE", "TRIGGER", "ACTION", ""],
        rules.map(({ ref, enabled, trigger, action, type, description }) => {
          const parameters = Object.entries(trigger.parameters).map(([name, value]) => ` ${name}=${asWord(value)}`);
          return [
            ref,
            enabled ? "on" : "off",
            trigger.type + parameters.join(""),
            action,
            type === "backstop" ? `backstop. ${description}` : description,
          ];
        }),
      );
    return 0;
  });
}

/** `bellhop rule enable|disable`: holds over new versions of the pack, until it is switched again. @throws UsageError */
export async function ruleSwitch(rule: string, { enabled, json }: { enabled: boolean; json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop rule switch", async (bus) => {
    const known = (await activePacks(bus)).flatMap((pack) => (pack.rules ?? []).map(({ ref }) => ref));
    if (!known.includes(rule)) {
      const near = nearest(rule, known);
      throw new UsageError(`There is no rule ${rule}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
    }
    const at = new Date().toISOString();
    await bus.bucket(buckets.rule).put(token(rule), { v: 1, rule, enabled, by: personHere().id, at });
    process.stdout.write(json ? `${JSON.stringify({ rule, enabled })}\n` : `${rule} is ${enabled ? "on" : "off"}.\n`);
    return 0;
  });
}

function asWord(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
