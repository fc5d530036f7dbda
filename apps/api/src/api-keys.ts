import { hash, randomBytes } from "node:crypto";
import type { ApiKey } from "@bellhop/contracts";
import { isSame } from "./same.ts";

/** Makes a key. Its text is told to whoever asked, once; only the record is kept. */
export function makeApiKey(at: { name: string; scopes: string[]; by: string; at: string }): { text: string; key: ApiKey } {
  const id = randomBytes(6).toString("hex");
  const secret = randomBytes(32).toString("base64url");
  return { text: `bellhop_${id}_${secret}`, key: { v: 1, id, hash: hashOf(secret), ...at } };
}

/** The id that a key's text names; undefined where it is no key of ours. */
export function idOfKey(text: string): string | undefined {
  return /^bellhop_([0-9a-f]{12})_[\w-]{43}$/.exec(text)?.[1];
}

/** Whether a text is that key, and the key still counts. */
export function isKey(text: string, key: ApiKey): boolean {
  const secret = text.slice(`bellhop_${key.id}_`.length);
  return isSame(hashOf(secret), key.hash) && key.revokedAt === undefined;
}

/** What a key lets its holder send. */
export type Wanted = { kind: "events" } | { kind: "triggers" } | { kind: "webhooks"; path: string };

export function allows({ scopes }: Pick<ApiKey, "scopes">, wanted: Wanted): boolean {
  return scopes.some((scope) => {
    if (wanted.kind !== "webhooks" || scope === wanted.kind) return scope === wanted.kind;
    const path = /^webhooks:(.*)$/.exec(scope)?.[1];
    if (path === undefined) return false;
    return path.endsWith("*") ? wanted.path.startsWith(path.slice(0, -1)) : path === wanted.path;
  });
}

/** What is wrong with a scope as somebody wrote it; undefined where nothing is. */
export function scopeFault(scope: string): string | undefined {
  if (["events", "triggers", "webhooks"].includes(scope) || /^webhooks:[^*\s]*\*?$/.test(scope)) return undefined;
  return `${scope} is no scope: expected events, triggers, webhooks, or webhooks:PATH, which may end in *.`;
}

function hashOf(secret: string): string {
  return hash("sha256", secret);
}
