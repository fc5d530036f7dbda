import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "@bellhop/expression";
import { kinds, type Case } from "./kinds.ts";

export interface Recorded extends Case {
  readonly expected: unknown;
  /** The answer depends on the order of Python's sets. */
  readonly unstable?: boolean;
}

/** The cases of one table. `upstream` ones are not in this repository: name their folder in BELLHOP_CONFORMANCE (it has `upstream/KIND.jsonl`);
 *  undefined where it does not. */
export function recorded(kind: string, from: "own" | "upstream"): Recorded[] | undefined {
  const folder = process.env["BELLHOP_CONFORMANCE"];
  if (from === "upstream" && folder === undefined) return undefined;
  const file = from === "own" ? new URL(`cases/${kind}.jsonl`, import.meta.url) : join(folder ?? "", "upstream", `${kind}.jsonl`);
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => readJson(line) as Recorded);
}

/** Answers of one kind, in the form that they leave the command in. What is thrown is an error as an answer. */
export async function answersOf(kind: string): Promise<(given: Case) => unknown> {
  const load = kinds[kind];
  if (load === undefined) throw new Error(`no such kind: ${kind}`);
  const { answer } = await load();
  return (given) => {
    try {
      return JSON.parse(writeJson(answer(given)));
    } catch (error) {
      return { error: error instanceof Error ? error.name : "Error" };
    }
  };
}

/** Whether an answer is an error: what its words are is nobody's business. */
export function isError(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    ("error" in value || "exception" in value || "inspect_error" in value)
  );
}

/** A table's value in the form of answers. */
export function plain(expected: unknown): unknown {
  return JSON.parse(writeJson(expected));
}
