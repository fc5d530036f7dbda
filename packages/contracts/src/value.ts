import { z } from "zod";
import { limits } from "./limits.ts";

/** Where a value over `limits.inlineValue` lies: the object store, under its own hash. */
export const ObjectRef = z.object({ object: z.string(), bytes: z.int() });
export type ObjectRef = z.infer<typeof ObjectRef>;

/** A value that a run carries: inline, or by reference when it is large. */
export const Value = z.union([z.object({ ref: ObjectRef }), z.object({ inline: z.unknown() })]);
export type Value = z.infer<typeof Value>;

/** A secret at rest: AES-256-GCM under the key that `kid` names; all parts base64. Opened in the runner only. */
export const Sealed = z.object({
  $sealed: z.object({ kid: z.string(), iv: z.string(), data: z.string(), tag: z.string() }),
});
export type Sealed = z.infer<typeof Sealed>;

/** Whether a value is sealed, or looks so: what people and packs write may. */
export function isSealed(value: unknown): value is Sealed {
  return typeof value === "object" && value !== null && "$sealed" in value && Sealed.safeParse(value).success;
}

/** Whether anything in a value is sealed, or looks so. */
export function holdsSealed(value: unknown): boolean {
  return typeof value === "object" && value !== null && (isSealed(value) || Object.values(value).some(holdsSealed));
}

/** Whether lists and fields stand in one another deeper than `limits.nesting`. */
export function nestsTooDeep(value: unknown, left: number = limits.nesting): boolean {
  if (typeof value !== "object" || value === null) return false;
  return left === 0 || Object.values(value).some((inner) => nestsTooDeep(inner, left - 1));
}

/** A value with nothing in it that looks sealed: handed on, it would be opened. The same value where there is nothing. */
export function neverSealed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(neverSealed);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (isSealed(value)) return secretMask;
  const entries = Object.entries(value).map(([name, inner]) => [name, inner, neverSealed(inner)] as const);
  return entries.every(([, before, after]) => before === after)
    ? value
    : Object.fromEntries(entries.map(([name, , after]) => [name, after]));
}

/** What people see in place of a secret, everywhere. */
export const secretMask = "[secret]";

/** A copy in which every sealed value reads `[secret]`: for logs, chat, history and `--json`. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  if (isSealed(value)) return secretMask;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]));
}

/** What must not be seen reads `[secret]`.
 *  @param secrets the longest first: one may contain another */
export function maskText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, secretMask), text);
}

/** The same for every text in a value, names of fields included. What is sealed stays as it is. */
export function maskValue(value: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0 || isSealed(value)) return value;
  if (typeof value === "string") return maskText(value, secrets);
  if (typeof value === "number") return secrets.includes(String(value)) ? secretMask : value;
  if (Array.isArray(value)) return value.map((item) => maskValue(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [maskText(name, secrets), maskValue(inner, secrets)]));
}
