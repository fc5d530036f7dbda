import { openKv, type Bus } from "@bellhop/bus";
import { isSealed, kvPurpose, neverSealed, problem, type KvPlace, type KvRecord } from "@bellhop/contracts";
import type { KvAnswer, KvAsk } from "@bellhop/sdk/host";
import { maySee, type Keyring } from "@bellhop/service";
import { secretTexts } from "./secrets.ts";

/** The datastore for one attempt: the values of the action's pack, and those of the installation where packs may have them.
 *  @param at.opened hears of secrets as they are read: they must not be seen in anything that leaves the runner
 *  @returns answers what the action asks. It throws Problem kv_refused, kv_too_large, kv_busy */
export function actionKv(at: {
  bus: Pick<Bus, "bucket">;
  keyring: Keyring;
  action: string;
  /** Whether packs may have the values of the installation, or which may. */
  system: boolean | readonly string[];
  /** What its run belongs to: a change that it makes is part of that. */
  chain: KvRecord["chain"];
  opened: (secrets: readonly string[]) => void;
}): (ask: KvAsk) => Promise<KvAnswer> {
  const { bus, keyring, action, system, chain, opened } = at;
  const [pack = ""] = action.split(".");
  const kv = openKv(bus);
  const by = `action:${action}`;
  const placeOf = ({ scope }: KvAsk, name: string): KvPlace =>
    scope === "system" ? { scope, name } : { scope: "pack", owner: pack, name };

  return async (ask) => {
    if (ask.scope === "system" && !maySee(system, pack)) {
      const next = "Keep it in the pack's own values, or name the pack in datastore.systemValues of bellhop.yaml.";
      throw problem("kv_refused", { why: `${pack} may not have the values of the whole installation here.`, next });
    }
    switch (ask.op) {
      case "get": {
        const found = await kv.get(placeOf(ask, ask.name));
        if (found === undefined) return { kind: "none" };
        const { value: stored, secret, revision } = found;
        if (secret !== true || !isSealed(stored)) return { kind: "found", value: stored, revision };
        const value = keyring.open(stored, kvPurpose);
        opened(secretTexts([value]));
        return { kind: "found", value, revision };
      }
      case "set": {
        const { name, value, secret = false, description, ttl, ifRevision } = ask;
        if (name === "") throw problem("kv_refused", { why: "A value needs a name.", next: "" });
        if (secret) opened(secretTexts([value]));
        const given = {
          value: secret ? keyring.seal(value, kvPurpose) : neverSealed(value),
          secret,
          description,
          ttl,
          by,
          chain,
          ifRevision,
        };
        return { kind: (await kv.set(placeOf(ask, name), given)).kind };
      }
      case "delete":
        return { kind: "deleted", was: await kv.delete(placeOf(ask, ask.name), { by, chain }) };
      case "list": {
        const { scope, owner } = placeOf(ask, "");
        return { kind: "listed", names: (await kv.list({ scope, owner, prefix: ask.prefix })).map(({ name }) => name) };
      }
    }
  };
}
