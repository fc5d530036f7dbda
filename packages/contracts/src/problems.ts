import { z } from "zod";
import { accessProblems } from "./problems/access.ts";
import { commandProblems } from "./problems/commands.ts";
import { datastoreProblems } from "./problems/datastore.ts";
import { inquiryProblems } from "./problems/inquiries.ts";
import { installationProblems } from "./problems/installation.ts";
import { natsProblems } from "./problems/nats.ts";
import { packConfigProblems } from "./problems/pack-config.ts";
import { packProblems } from "./problems/packs.ts";
import { policyProblems } from "./problems/policies.ts";
import { runProblems } from "./problems/runs.ts";
import { scheduleProblems } from "./problems/schedules.ts";
import { wireProblems } from "./problems/wire.ts";

/** Every failure a person can meet, each worded in the file of the part it belongs to. */
export const problems = {
  ...commandProblems,
  ...accessProblems,
  ...inquiryProblems,
  ...scheduleProblems,
  ...policyProblems,
  ...runProblems,
  ...datastoreProblems,
  ...packProblems,
  ...packConfigProblems,
  ...natsProblems,
  ...installationProblems,
  ...wireProblems,
};

export type ProblemCode = keyof typeof problems;

/** A problem as it travels and is stored. */
export const ProblemData = z.object({ code: z.string(), message: z.string(), hint: z.string(), retry: z.boolean() });
export type ProblemData = z.infer<typeof ProblemData>;

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Details<Code extends ProblemCode> = Record<
  Names<(typeof problems)[Code]["message"]> | Names<(typeof problems)[Code]["hint"]>,
  string | number
>;

export class Problem extends Error {
  readonly code: string;
  readonly hint: string;
  readonly retry: boolean;

  constructor(data: ProblemData, options?: { cause?: unknown }) {
    super(data.message, options);
    this.name = "Problem";
    this.code = data.code;
    this.hint = data.hint;
    this.retry = data.retry;
  }

  get data(): ProblemData {
    return { code: this.code, message: this.message, hint: this.hint, retry: this.retry };
  }
}

/** Makes the problem of that code. A detail that its wording names and that is missing does not compile. */
export function problem<Code extends ProblemCode>(code: Code, details: Details<Code>, options?: { cause?: unknown }): Problem {
  const { message, hint, retry } = problems[code];
  const given: Readonly<Record<string, string | number>> = details;
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => String(given[name] ?? "")).trim();
  return new Problem({ code, message: filled(message), hint: filled(hint), retry }, options);
}

/** What Node, npm or a driver call what went wrong: ENOENT. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}

/** Whatever was thrown, as a problem. Called once per edge. */
export function toProblem(thrown: unknown, run = "-"): Problem {
  if (thrown instanceof Problem) return thrown;
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return problem("internal", { why, run }, { cause: thrown });
}
