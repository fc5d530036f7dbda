import { z } from "zod";

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

export function isSealed(value: unknown): value is Sealed {
  return Sealed.safeParse(value).success;
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

/** The same for every text in a value, names of fields included. */
export function maskValue(value: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0) return value;
  if (typeof value === "string") return maskText(value, secrets);
  if (typeof value === "number") return secrets.includes(String(value)) ? secretMask : value;
  if (Array.isArray(value)) return value.map((item) => maskValue(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [maskText(name, secrets), maskValue(inner, secrets)]));
}
