import type { PackOrigin } from "@bellhop/contracts";
import { shortPath } from "./folders.ts";

const signatures = { verified: "signature verified", unsigned: "unsigned", unknown: "signature not checked" } as const satisfies Record<
  PackOrigin["signature"],
  string
>;

/** Where a version came from, and whether it was signed, in one line. */
export function originText({ kind, spec, resolved, signature }: PackOrigin): string {
  const where = kind === "folder" ? `the folder ${shortPath(spec)}` : kind === "exchange" ? "StackStorm's Exchange" : kind;
  const what = kind === "folder" ? "" : ` ${resolved === undefined || resolved === spec ? spec : `${spec} (${resolved})`}`;
  return `${where}${what}, ${signatures[signature]}`;
}
