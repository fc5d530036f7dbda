import { z } from "zod";
import { token } from "./token.ts";

/** Whose a value of the datastore is: everybody's, a person's, or a pack's. */
export const KvScope = z.enum(["system", "user", "pack"]);
export type KvScope = z.infer<typeof KvScope>;

/** Where a value stands. `owner` says whose: of `user` a person by {@link identityOf}, or {@link ruleUser}; of `pack` the pack's name. */
export interface KvPlace {
  readonly scope: KvScope;
  readonly owner?: string;
  readonly name: string;
}

const What = {
  /** Text, or anything that is JSON. Where it is secret: sealed for {@link kvPurpose}. */
  value: z.unknown(),
  secret: z.boolean().optional(),
  description: z.string().optional(),
  /** From then on it is not there. */
  expires: z.iso.datetime().optional(),
  by: z.string(),
  at: z.iso.datetime(),
};

/** A value of the datastore, and how it came to be so: each revision says by itself what changed. */
export const KvRecord = z.object({
  v: z.literal(1),
  scope: KvScope,
  owner: z.string().optional(),
  name: z.string(),
  ...What,
  /** `deleted`: it is not there, and what it was is in `was`. `resealed`: the same under another key. */
  change: z.enum(["created", "updated", "deleted", "resealed"]),
  was: z.object(What).optional(),
  /** What brought the change about, where a run did: the trace that it belongs to, and how many events stand before it. */
  chain: z.object({ trace: z.string(), depth: z.int().min(0).optional() }).optional(),
});
export type KvRecord = z.infer<typeof KvRecord>;

/** What values of the datastore are sealed for: nothing else opens them, so that whoever comes by one can't have it opened as an input. */
export const kvPurpose = "kv";

/** Whose values rules see as those of their user. */
export const ruleUser = "rule";

/** Where it lies in its bucket. */
export function kvKey({ scope, owner, name }: KvPlace): string {
  return scope === "system" ? `system.${token(name)}` : `${scope}.${token(owner ?? "")}.${token(name)}`;
}

/** Whether it is there at a time, in epoch milliseconds: neither deleted nor over. */
export function isThere({ change, expires }: Pick<KvRecord, "change" | "expires">, now: number): boolean {
  return change !== "deleted" && (expires === undefined || Date.parse(expires) > now);
}
