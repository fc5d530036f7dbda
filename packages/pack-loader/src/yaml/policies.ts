import type { PolicyDefinition } from "@bellhop/contracts";
import { z } from "zod";
import type { SourceFile } from "../folder.ts";
import { otherPack, type ReadYaml } from "./definitions.ts";
import { readDocument, shown } from "./document.ts";
import { FreeName } from "./schemas.ts";

const Text = z.string().nullish();
const Ours = Text.describe("Not used: written by StackStorm.");

const Concurrency = z.strictObject({
  threshold: z.int().min(0).describe("How many runs of the action there may be at once."),
  action: z.enum(["delay", "cancel"]).default("delay").describe("What becomes of one more."),
});

/** What each type takes. */
const parametersOf = {
  "action.concurrency": Concurrency,
  "action.concurrency.attr": Concurrency.extend({
    attributes: z.array(z.string()).min(1).describe("The parameters that make runs count as the same."),
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
    pack: Ours,
    ref: Ours,
    uid: Ours,
    id: Ours,
    description: Text.describe("One line for people."),
    enabled: z.boolean().nullish().describe("Whether it holds. Default: yes."),
    resource_ref: z
      .string()
      .regex(/^[^.\s]+\.\S+$/, "Write it as PACK.ACTION.")
      .describe("The action that it is for: PACK.ACTION."),
    policy_type: z.enum(["action.concurrency", "action.concurrency.attr", "action.retry"]).describe("What it does."),
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
  const whole = PolicyYaml.extend({ parameters: parametersOf[value.policy_type] });
  const closer = readDocument(file.path, text, whole);
  problems.push(...closer.problems.filter((one) => !problems.some((other) => JSON.stringify(one) === JSON.stringify(other))));
  if (closer.value === undefined) return { located: undefined, problems, warnings };
  const message = `Policies are not applied yet: ${shown(value.policy_type)} changes nothing.`;
  warnings.push({ file: file.path, ...at(["policy_type"]), message, hint: "Its action runs without it." });
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
