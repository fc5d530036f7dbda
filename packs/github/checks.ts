import { table, z } from "@bellhop/sdk";
import { firstOf, type GitHub } from "./github.ts";
import type { Repository } from "./reference.ts";
import { link } from "./words.ts";

/** One check of a commit: a check run, or a status that something else reported. */
export const Check = z.object({
  name: z.string(),
  outcome: z.enum(["passed", "failed", "running"]),
  /** In GitHub's own word: success, timed_out, in_progress … */
  said: z.string(),
  url: z.string().optional(),
});
export type Check = z.infer<typeof Check>;

/** All checks of a commit: what failed first, then what still runs. */
export async function checksOf(github: GitHub, commit: Repository & { ref: string }): Promise<Check[]> {
  const all = { most: mostChecks };
  const [runs, statuses] = await Promise.all([
    firstOf(github.paginate.iterator("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", { ...commit, per_page: 100 }), all),
    firstOf(github.paginate.iterator("GET /repos/{owner}/{repo}/commits/{ref}/statuses", { ...commit, per_page: 100 }), all),
  ]);
  // Every report of a status is kept: the newest, which comes first, counts.
  const newest = new Map(statuses.items.toReversed().map((status) => [status.context, status]));
  const checks = [
    ...runs.items.map(({ name, status, conclusion, html_url: url }) => checkOf({ name, said: conclusion ?? status, url })),
    ...[...newest.values()].map(({ context: name, state: said, target_url: url }) => checkOf({ name, said, url })),
  ];
  return checks.sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || a.name.localeCompare(b.name));
}

/** How checks went, in a few words: `2 of 5 checks failed, 1 is running`. */
export function checksInWords(checks: readonly Check[]): string {
  const count = (outcome: Check["outcome"]) => checks.filter((check) => check.outcome === outcome).length;
  const [failed, running] = [count("failed"), count("running")];
  if (checks.length === 0) return "no checks";
  if (failed === 0 && running === 0) return `all ${checks.length} checks passed`;
  const parts = [
    ...(failed > 0 ? [`${failed} of ${checks.length} checks failed`] : []),
    ...(running > 0 ? [`${running}${failed > 0 ? "" : ` of ${checks.length} checks`} ${running === 1 ? "is" : "are"} running`] : []),
  ];
  return parts.join(", ");
}

export function checkTable(checks: readonly Check[]): string {
  return table(checks, {
    Check: ({ name, url }) => (url === undefined ? name : link(name, url)),
    Outcome: ({ outcome, said }) => `${marks[outcome]} ${said.replaceAll("_", " ")}`,
  });
}

const order: readonly Check["outcome"][] = ["failed", "running", "passed"];
const marks = { passed: "✅", failed: "❌", running: "⏳" } as const;

/** Checks of one commit that are looked at. */
const mostChecks = 500;

function checkOf({ name, said, url }: { name: string; said: string; url: string | null }): Check {
  return { name, outcome: outcomes[said] ?? "failed", said, ...(url === null ? {} : { url }) };
}

/** GitHub's words for check runs (status, conclusion) and statuses (state). What is not here is nothing that passed. */
const outcomes: Readonly<Record<string, Check["outcome"]>> = {
  success: "passed",
  neutral: "passed",
  skipped: "passed",
  queued: "running",
  in_progress: "running",
  waiting: "running",
  requested: "running",
  pending: "running",
};
