import { sourceName, type Source } from "./spec.ts";

export interface SourceRules {
  /** `kind:pattern`, where `*` is anything but a slash and `**` anything; a lone `*` too. Absent: everything may be had. */
  readonly sources?: readonly string[];
  /** Only what a registry signed. */
  readonly requireSignature: boolean;
}

export type Allowed = { kind: "yes" } | { kind: "no"; name: string; why: "not-listed" | "never-signed" };

/** Whether a pack may be had from there. Decided on names alone, before anything is fetched. */
export function mayObtain(source: Source, { sources, requireSignature }: SourceRules): Allowed {
  const name = sourceName(source);
  if (sources !== undefined && !sources.some((rule) => fits(rule, name))) return { kind: "no", name, why: "not-listed" };
  // Nothing but a registry signs.
  if (requireSignature && source.kind !== "npm") return { kind: "no", name, why: "never-signed" };
  return { kind: "yes" };
}

function fits(rule: string, name: string): boolean {
  const [kind = "", ...rest] = rule.split(":");
  const pattern = rest.join(":");
  if (pattern === "*") return name.startsWith(`${kind}:`);
  const source = pattern
    .split(/(\*\*?)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&")))
    .join("");
  return new RegExp(`^${kind}:${source}$`, "s").test(name);
}
