import { policyTypes, type PolicyDefinition } from "@bellhop/contracts";
import { z } from "zod";
import type { SourceFile } from "../folder.ts";
import { otherPack, type ReadYaml } from "./definitions.ts";
import { readDocument } from "./document.ts";
import { ActionRef, Flag, FreeName, identity, Ours, Text } from "./fields.ts";

const over = z.enum(["delay", "cancel"]);
const attributes = z.array(z.string());
const alike = attributes
  .default([])
  .describe("Parameters: it holds for runs in which they agree. Default: none, for all runs of the action.");
/** A month: times that lie further back are not kept. */
const seconds = z
  .number()
  .min(1)
  .max(31 * 86_400);

const Concurrency = z.strictObject({
  threshold: z.int().min(0).describe("How many runs of the action there may be at once."),
  action: over.default("delay").describe("What becomes of one more."),
});

/** What each type takes. */
export const policyParameters = {
  "action.concurrency": Concurrency,
  "action.concurrency.attr": Concurrency.extend({
    attributes: attributes.min(1).describe("The parameters that make runs count as the same."),
  }),
  "action.rate": z.strictObject({
    threshold: z.int().min(1).max(1_000).describe("How many may begin within that time."),
    seconds: seconds.describe("The time, in seconds."),
    attributes: alike,
    action: over.default("delay").describe("What becomes of one more."),
  }),
  "action.cooldown": z.strictObject({
    seconds: seconds.describe("How long after the end of one the next may begin. There is one at a time."),
    attributes: alike,
    action: over.default("cancel").describe("What becomes of one that comes sooner."),
    after: z.enum(["end", "success"]).default("end").describe("Whether it counts after each, or only after one that succeeded."),
  }),
  "action.wait": z.strictObject({
    seconds: seconds.describe("How long a run waits at most for what other policies say, in seconds. Then it fails."),
  }),
  "action.retry": z.strictObject({
    retry_on: z.enum(["failure", "timeout"]).describe("What is tried again."),
    max_retry_count: z.int().min(1).max(5).default(2).describe("How often, at most."),
    delay: z.number().min(0).max(120).default(0).describe("Seconds before each further try."),
  }),
} as const;

export const PolicyYaml = z
  .strictObject({
    name: FreeName.describe("What it is called in lists."),
    ...identity,
    description: Text.describe("One line for people."),
    enabled: Flag.describe("Whether it holds. Default: yes."),
    resource_ref: ActionRef.describe("The action that it is for: PACK.ACTION."),
    policy_type: z.enum(policyTypes).describe("What it does."),
    parameters: z.record(z.string(), z.unknown()).nullish().describe("As its type has them."),
    metadata_file: Ours,
  })
  .meta({ title: "Policy", description: "What holds for all runs of an action." });

export function readPolicyYaml(file: SourceFile, pack: string): ReadYaml<PolicyDefinition> {
  const text = file.bytes.toString("utf8");
  const read = readDocument(file.path, text, PolicyYaml);
  const { value, at, problems, warnings } = read;
  if (value === undefined) return { located: undefined, problems, warnings };
  otherPack(read, pack);
  const whole = PolicyYaml.extend({ parameters: policyParameters[value.policy_type] });
  const closer = readDocument(file.path, text, whole);
  problems.push(...closer.problems.filter((one) => !problems.some((other) => JSON.stringify(one) === JSON.stringify(other))));
  if (closer.value === undefined) return { located: undefined, problems, warnings };
  const definition: PolicyDefinition = {
    ref: `${pack}.${value.name}`,
    pack,
    name: value.name,
    description: value.description ?? "",
    enabled: value.enabled ?? true,
    action: value.resource_ref,
    type: value.policy_type,
    parameters: { ...closer.value.parameters },
    source: { file: file.path, ...at([]) },
  };
  return { located: { definition, file: file.path, at }, problems, warnings };
}
