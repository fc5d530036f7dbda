import { createHash } from "node:crypto";
import type { PackFiles, PackVersion } from "@bellhop/contracts";

/** SHA-256 over what a version says and carries, in hexadecimal: the same on every machine, whatever its folders and clocks are. */
export function digestOf(version: Omit<PackVersion, "digest">, files: PackFiles["files"]): string {
  return createHash("sha256").update(canonical({ version, files })).digest("hex");
}

/** JSON with the keys of every object sorted, so that equal values are equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item === undefined ? null : item)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
}
