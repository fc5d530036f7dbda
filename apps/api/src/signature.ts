import { createHmac } from "node:crypto";
import type { Secret } from "@bellhop/service";
import type { HookConfig } from "./config.ts";
import { isSame } from "./same.ts";

/** A Slack signature that is older may have been seen by others (Slack's own advice). Seconds. */
const oldest = 300;

/** What is wrong with the signature of a body; undefined where nothing is.
 *  @param now epoch milliseconds */
export function signatureFault(at: { hook: HookConfig; headers: Headers; body: Uint8Array; now: number }): string | undefined {
  const { hook, headers, body, now } = at;
  switch (hook.signature) {
    case "github":
      return compare(headers.get("x-hub-signature-256"), "sha256=", { hook, signed: [body] }, "X-Hub-Signature-256");
    case "slack": {
      const stamp = headers.get("x-slack-request-timestamp") ?? "";
      if (!/^\d{1,12}$/.test(stamp)) return "X-Slack-Request-Timestamp is missing";
      if (Math.abs(now / 1000 - Number(stamp)) > oldest) return `X-Slack-Request-Timestamp is more than ${oldest} seconds away`;
      return compare(headers.get("x-slack-signature"), "v0=", { hook, signed: [`v0:${stamp}:`, body] }, "X-Slack-Signature");
    }
    case "generic":
      return compare(
        headers.get(hook.header),
        /^(?:sha256=)?/.exec(headers.get(hook.header) ?? "")?.[0] ?? "",
        { hook, signed: [body] },
        hook.header,
      );
  }
}

/** Headers that prove who sends: rules and logs never see them. */
export const signatureHeaders = ["x-hub-signature", "x-hub-signature-256", "x-slack-signature"];

function compare(
  given: string | null,
  prefix: string,
  { hook, signed }: { hook: HookConfig; signed: readonly (string | Uint8Array)[] },
  header: string,
): string | undefined {
  if (given === null) return `${header} is missing`;
  const text = given.slice(prefix.length);
  const found = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64");
  const fits = hook.secrets.filter((secret) => isSame(found, digestOf(secret, signed))).length > 0;
  return fits && given.startsWith(prefix) ? undefined : `${header} does not fit the body`;
}

function digestOf(secret: Secret, signed: readonly (string | Uint8Array)[]): Uint8Array {
  const hmac = createHmac("sha256", secret.reveal());
  for (const part of signed) hmac.update(part);
  return hmac.digest();
}
