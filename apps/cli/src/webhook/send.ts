import { randomUUID } from "node:crypto";
import type { Env } from "@bellhop/service";
import { fireAndWait, payloadOf } from "../event/emit.ts";
import { notThere } from "../not-there.ts";
import { UsageError, type ExitCode } from "../report.ts";
import { parsePairs } from "../run.ts";
import { withBus } from "../with-bus.ts";
import { hooksOf, pathOf, webhookTrigger } from "./hooks.ts";

export interface WebhookOptions {
  body?: string;
  header: readonly string[];
  /** Seconds. */
  timeout: number;
  json: boolean;
}

/** `bellhop webhook send`: rules see what they would see of the same post. @throws UsageError, Problem event_undecided */
export async function webhookSend(wanted: string, pairs: readonly string[], options: WebhookOptions, env: Env): Promise<ExitCode> {
  const path = pathOf(wanted);
  const body = payloadOf(pairs, options.body, "--body");
  if (typeof body !== "object" || body === null) throw new UsageError("The body has to be an object or a list.");
  const headers = parsePairs(options.header);
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return withBus<ExitCode>(env, "bellhop webhook send", async (bus) => {
    const hooks = await hooksOf(bus);
    const hook = hooks.find((one) => one.path === path);
    if (hook === undefined) {
      const told = `No rule waits for the webhook ${path}.`;
      throw notThere({ kind: "webhook", name: path, known: hooks.map((one) => one.path), listedBy: "webhook list", told });
    }
    if (hook.on.length === 0) {
      throw new UsageError(`Every rule that waits for the webhook ${path} is off.`, {
        hint: `\`bellhop rule enable ${hook.off[0] ?? ""}\` switches it on.`,
      });
    }
    const payload = { headers, headers_lower: lower, body };
    return await fireAndWait(
      bus,
      { trigger: webhookTrigger, payload, parameters: { url: path }, key: randomUUID(), source: "person" },
      options,
    );
  });
}
