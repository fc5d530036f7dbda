import { openKv } from "@bellhop/bus";
import { problem } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import type { ExitCode } from "../report.ts";
import { withBus } from "../with-bus.ts";
import { keyringHere, scopeOf, shownName, shownValue, unknownPack, type WhoseOptions } from "./whose.ts";

/** `bellhop kv get`. @throws UsageError, Problem kv_refused */
export async function kvGet(name: string, options: WhoseOptions & { decrypt: boolean; json: boolean }, env: Env): Promise<ExitCode> {
  const place = { ...scopeOf(options), name };
  const keyring = options.decrypt ? await keyringHere(env) : undefined;
  return withBus<ExitCode>(env, "bellhop kv get", async (bus) => {
    const found = await openKv(bus).get(place);
    if (found === undefined) {
      const unknown = await unknownPack(bus, place);
      const next = unknown === undefined ? "`bellhop kv list --all` shows what there is." : `${unknown.message} ${unknown.hint}`;
      throw problem("kv_refused", { why: `There is no value ${shownName(place)}.`, next });
    }
    const { scope, owner, secret = false, description, expires, revision } = found;
    const value = shownValue(found, keyring);
    const whose = owner === undefined ? {} : { owner };
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ name, scope, ...whose, value, secret, description, expires, revision })}\n`
        : `${typeof value === "string" ? value : JSON.stringify(value)}\n`,
    );
    return 0;
  });
}
