import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Bus } from "@bellhop/bus";
import { isSealed, kvPurpose, problem, ruleUser, secretMask, type KvPlace, type KvRecord, type Problem } from "@bellhop/contracts";
import { activeVersion, installedVersions } from "@bellhop/pack-loader";
import { commonConfig, openKeyring, type Env, type Keyring } from "@bellhop/service";
import { noSuchPack } from "../pack/no-such-pack.ts";
import { UsageError } from "../report.ts";

export interface WhoseOptions {
  user?: string;
  pack?: string;
}

/** Whose values are meant. @throws UsageError */
export function scopeOf({ user, pack }: WhoseOptions): Omit<KvPlace, "name"> {
  if (user !== undefined && pack !== undefined) throw new UsageError("A value is a person's or a pack's: say --user or --pack.");
  if (user !== undefined && user !== ruleUser && !/^[a-z]+:[^\s*]+$/.test(user))
    throw new UsageError(
      `--user ${user} is nobody: a person is named as slack:T1/U2 or matrix:@ana:example.org, and all rules together are ${ruleUser}.`,
    );
  if (user !== undefined) return { scope: "user", owner: user };
  return pack === undefined ? { scope: "system" } : { scope: "pack", owner: pack };
}

/** Why a pack's values can't be meant: it is not here, and what is near. Undefined where it is, or no pack is meant. */
export async function unknownPack(bus: Bus, { scope, owner = "" }: Omit<KvPlace, "name">): Promise<Problem | undefined> {
  if (scope !== "pack" || (await activeVersion(bus, owner)) !== undefined) return undefined;
  return (await installedVersions(bus, owner)).length > 0 ? undefined : await noSuchPack(bus, owner);
}

/** A name as people see it: with whose it is, where it is not the installation's own. */
export function shownName({ scope, owner, name }: KvPlace): string {
  return scope === "system" ? name : `${owner ?? ""}:${name}`;
}

/** The key file of this installation. @throws Problem kv_refused where it is not on this machine: one of our own would open and seal what nobody else can */
export async function keyringHere(env: Env): Promise<Keyring> {
  const key = keyFile(env);
  if (!existsSync(key)) {
    const next = "Do this where an engine or runner works, or bring its key file here (mode 0600).";
    throw problem("kv_refused", { why: `${key} is not there: secrets are sealed and opened with it.`, next });
  }
  return await openKeyring(key);
}

export function keyFile(env: Env): string {
  return join(commonConfig(env, "cli").folder, "key");
}

/** What is shown of a value. @param keyring opens it, where that is asked for */
export function shownValue({ value, secret }: Pick<KvRecord, "value" | "secret">, keyring?: Keyring): unknown {
  if (secret !== true || !isSealed(value)) return value;
  return keyring === undefined ? secretMask : keyring.open(value, kvPurpose);
}
