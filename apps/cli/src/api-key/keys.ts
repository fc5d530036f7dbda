import { makeApiKey, scopeFault } from "@bellhop/api";
import { buckets } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { notThere } from "../not-there.ts";
import { note, UsageError, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { personHere } from "../terminal/adapter.ts";
import { clock } from "../times.ts";
import { withBus } from "../with-bus.ts";

/** `bellhop api-key create`. @throws UsageError */
export async function apiKeyCreate(name: string, options: { scope: readonly string[]; json: boolean }, env: Env): Promise<ExitCode> {
  const { scope: scopes, json } = options;
  if (scopes.length === 0) throw new UsageError("Say what the key may send: --scope webhooks:github/*, --scope events …");
  const fault = scopes.map(scopeFault).find((one) => one !== undefined);
  if (fault !== undefined) throw new UsageError(fault);
  return withBus<ExitCode>(env, "bellhop api-key create", async (bus) => {
    const { text, key } = makeApiKey({ name, scopes: [...scopes], by: personHere().id, at: new Date().toISOString() });
    await bus.bucket(buckets.apiKey).create(key.id, key);
    if (json) process.stdout.write(`${JSON.stringify({ id: key.id, name, scopes, key: text })}\n`);
    else {
      process.stdout.write(`${text}\n`);
      note(`It is shown this once. Send it as \`Authorization: Bearer …\`; \`bellhop api-key revoke ${key.id}\` takes it back.`);
    }
    return 0;
  });
}

/** `bellhop api-key list`. */
export async function apiKeyList({ json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop api-key list", async (bus) => {
    const keys = (await bus.bucket(buckets.apiKey).entries(">")).map(({ value: { id, name, scopes, by, at, revokedAt } }) => ({
      id,
      name,
      scopes,
      by,
      at,
      ...(revokedAt === undefined ? {} : { revokedAt }),
    }));
    if (json) process.stdout.write(`${JSON.stringify({ keys })}\n`);
    else if (keys.length === 0) note("There are no API keys. `bellhop api-key create NAME --scope SCOPE` makes one.");
    else
      printTable(
        ["ID", "NAME", "SCOPES", "MADE", ""],
        keys.map(({ id, name, scopes, by, at, revokedAt }) => [
          id,
          name,
          scopes.join(" "),
          `${clock(at)} by ${by}`,
          revokedAt === undefined ? "" : `revoked ${clock(revokedAt)}`,
        ]),
      );
    return 0;
  });
}

/** `bellhop api-key revoke`. @throws UsageError */
export async function apiKeyRevoke(wanted: string, { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  return withBus<ExitCode>(env, "bellhop api-key revoke", async (bus) => {
    const bucket = bus.bucket(buckets.apiKey);
    const live = (await bucket.entries(">")).filter(({ value }) => value.revokedAt === undefined);
    const found = live.filter(({ value }) => value.id === wanted || value.name === wanted);
    const [one] = found;
    if (one === undefined) {
      const known = live.map(({ value }) => value.name);
      throw notThere({ kind: "API key", name: wanted, known, listedBy: "api-key list" });
    }
    if (found.length > 1) throw new UsageError(`${found.length} keys are called ${wanted}: say the id.`);
    await bucket.put(one.key, { ...one.value, revokedAt: new Date().toISOString() });
    process.stdout.write(
      json ? `${JSON.stringify({ id: one.value.id, name: one.value.name })}\n` : `${one.value.name} (${one.key}) is revoked.\n`,
    );
    return 0;
  });
}
