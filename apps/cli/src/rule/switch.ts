import { buckets, token, type RuleSwitch } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { activePacks } from "../event/packs.ts";
import { notThere } from "../not-there.ts";
import { UsageError, type ExitCode } from "../report.ts";
import { personHere } from "../terminal/adapter.ts";
import { stamp } from "../times.ts";
import { withBus } from "../with-bus.ts";

/** `bellhop rule enable|disable`: holds over new versions of the pack, until it is switched again or the time is over. @throws UsageError
 *  @param options.for milliseconds; then the rule is as it was before */
export async function ruleSwitch(ref: string, options: { enabled: boolean; for?: number; json: boolean }, env: Env): Promise<ExitCode> {
  const { enabled, for: ms, json } = options;
  return withBus<ExitCode>(env, "bellhop rule switch", async (bus) => {
    const known = (await activePacks(bus)).flatMap((pack) => pack.rules ?? []);
    const rule = known.find((one) => one.ref === ref);
    if (rule === undefined) throw notThere({ kind: "rule", name: ref, known: known.map((one) => one.ref), listedBy: "rule list" });
    const bucket = bus.bucket(buckets.rule);
    for (;;) {
      const entry = await bucket.get(token(ref));
      const now = Date.now();
      const said = { v: 1, rule: ref, enabled, by: personHere().id, at: new Date(now).toISOString() } as const;
      const then = ms === undefined ? undefined : untilThen(rule, { enabled, last: entry?.value, end: now + ms });
      const next = { ...said, ...then };
      const stored = entry === undefined ? await bucket.create(token(ref), next) : await bucket.update(token(ref), next, entry.revision);
      if (stored === undefined) continue;
      const words = then === undefined ? "" : ` until ${stamp(then.until)}, and ${enabled ? "off" : "on"} again then`;
      process.stdout.write(
        json ? `${JSON.stringify({ rule: ref, enabled, until: then?.until })}\n` : `${ref} is ${enabled ? "on" : "off"}${words}.\n`,
      );
      return 0;
    }
  });
}

/** Until when, and how the rule is then: as the last switch without an end said, or its file. @throws UsageError where it would be no other */
function untilThen(
  rule: { readonly ref: string; readonly enabled: boolean },
  { enabled, last, end }: { enabled: boolean; last: RuleSwitch | undefined; end: number },
): Pick<RuleSwitch, "before"> & { until: string } {
  const before = last?.until === undefined ? last?.enabled : last.before;
  if ((before ?? rule.enabled) === enabled) {
    throw new UsageError(`${rule.ref} is ${enabled ? "on" : "off"} for good: after --for it would be no other.`, {
      hint: "Leave --for out.",
    });
  }
  return { until: new Date(end).toISOString(), ...(before === undefined ? {} : { before }) };
}
