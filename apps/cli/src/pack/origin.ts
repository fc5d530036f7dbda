import type { PackOrigin } from "@bellhop/contracts";
import { shortPath } from "./folders.ts";

const signatures = { verified: "signature verified", unsigned: "unsigned", unknown: "signature not checked" } as const satisfies Record<
  PackOrigin["signature"],
  string
>;

/** Where a version came from, and whether it was signed, in one line. */
export function originText({ kind, spec, resolved, signature }: PackOrigin): string {
  if (kind === "folder") return `the folder ${shortPath(spec)}, ${signatures[signature]}`;
  const where = kind === "exchange" ? "StackStorm's Exchange: " : spec.startsWith(kind) ? "" : `${kind} `;
  const exactly = resolved === undefined || resolved === spec ? "" : ` (${resolved.replace(/\b([0-9a-f]{12})[0-9a-f]{28}\b/, "$1")})`;
  return `${where}${spec}${exactly}, ${signatures[signature]}`;
}
