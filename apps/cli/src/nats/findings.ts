import type { Change, Finding, Named } from "@bellhop/bus";

/** What is not as it should be, for people: one block each, consumers that are missing summed up. */
export function findingsText(findings: readonly Finding[]): string {
  const blocks: string[] = [];
  const missing = new Map<string, number>();
  for (const finding of findings) {
    if (finding.kind === "missing" && finding.what === "consumer") {
      missing.set(finding.stream, (missing.get(finding.stream) ?? 0) + 1);
    } else if (finding.kind !== "right") blocks.push(block(finding));
  }
  for (const [stream, count] of missing) blocks.push(`+ ${count} consumers of ${stream}: missing, engines make them when they come`);
  return blocks.join("\n");
}

function block(finding: Exclude<Finding, { kind: "right" }>): string {
  const title = titleOf(finding);
  if (finding.kind === "left over") return lines(`? ${title}: left over, ${finding.stuck.why}`, finding.stuck.todo);
  if (finding.kind === "missing") {
    if (finding.stuck === undefined) return `+ ${title}: missing`;
    return lines(`! ${title}: missing and can't be made: ${finding.stuck.why}`, finding.stuck.todo);
  }
  const width = Math.max(...finding.changes.map(({ field }) => field.length));
  return [
    `~ ${title}: differs`,
    ...finding.changes.map((change) => {
      const line = `    ${change.stuck === undefined ? " " : "!"} ${change.field.padEnd(width)}  ${shown(change, change.is)} -> ${shown(change, change.wanted)}`;
      return change.stuck === undefined ? line : lines(`${line}   not in place: ${change.stuck.why}`, change.stuck.todo, 8);
    }),
  ].join("\n");
}

function lines(first: string, todo: string, indent = 4): string {
  return `${first}\n${" ".repeat(indent)}${todo}`;
}

function titleOf({ what, name, stream }: Named): string {
  if (what === "consumer") return `consumer ${name} of ${stream}`;
  return name === stream ? `${what} ${name}` : `${what} ${name} (${stream})`;
}

const inNanoseconds = new Set(["max_age", "duplicate_window", "ack_wait", "inactive_threshold"]);

function shown({ field }: Change, value: unknown): string {
  if (value === undefined) return "not set";
  if (typeof value === "number" && inNanoseconds.has(field)) return value === 0 ? "unlimited" : duration(value / 1e6);
  if (value === -1) return "unlimited";
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

const units = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
  [1_000, "s"],
] as const;

function duration(ms: number): string {
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1, "ms"];
  return `${ms / size}${unit}`;
}
