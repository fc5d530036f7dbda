import { buckets, isRuleOn, isSwitchOver, type RuleSwitch } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { activePacks } from "../event/packs.ts";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { clock } from "../times.ts";
import { withBus } from "../with-bus.ts";

/** `bellhop rule list`: the rules of all active packs, as they are switched. */
export async function ruleList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop rule list", async (bus) => {
    const switches = new Map((await bus.bucket(buckets.rule).entries(">")).map(({ value }) => [value.rule, value]));
    const now = Date.now();
    const rules = (await activePacks(bus))
      .flatMap((pack) => pack.rules ?? [])
      .map((rule) => {
        const { ref, type, trigger, action, description } = rule;
        const turned = switches.get(ref);
        return { ref, enabled: isRuleOn(rule, turned, now), type, trigger, action: action.ref, description, ...switchedBy(turned, now) };
      });
    if (json) process.stdout.write(`${JSON.stringify({ rules })}\n`);
    else if (rules.length === 0) note("No active pack has a rule.");
    else
      printTable(
        ["RULE", "STATE", "TRIGGER", "ACTION", ""],
        rules.map(({ ref, enabled, switched, trigger, action, type, description }) => {
          const parameters = Object.entries(trigger.parameters).map(([name, value]) => ` ${name}=${asWord(value)}`);
          return [
            ref,
            `${enabled ? "on" : "off"}${switched?.until === undefined ? "" : ` until ${clock(switched.until)}`}`,
            trigger.type + parameters.join(""),
            action,
            type === "backstop" ? `backstop. ${description}` : description,
          ];
        }),
      );
    return 0;
  });
}

/** Who switched it, where that holds still. */
function switchedBy(turned: RuleSwitch | undefined, now: number): { switched?: Pick<RuleSwitch, "by" | "at" | "until"> } {
  if (turned === undefined || isSwitchOver(turned, now)) return {};
  const { by, at, until } = turned;
  return { switched: { by, at, ...(until === undefined ? {} : { until }) } };
}

function asWord(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
