import type { RuleDefinition, TriggerDefinition } from "@bellhop/contracts";
import { z } from "zod";
import type { SourceFile } from "../folder.ts";
import { otherPack, type ReadYaml } from "./definitions.ts";
import { readDocument } from "./document.ts";
import { ActionRef, Flag, FreeName, identity, Ours, Text, TriggerRef } from "./fields.ts";

const Tags = z.array(z.union([z.string(), z.looseObject({ name: z.string(), value: z.unknown().optional() })])).nullish();
const Values = z.record(z.string(), z.unknown()).nullish();

export const RuleYaml = z
  .strictObject({
    name: FreeName.describe("What it is called in lists."),
    ...identity,
    description: Text.describe("One line for people."),
    enabled: Flag.describe("Whether it fires. Default: no, as in StackStorm."),
    type: z
      .strictObject({
        ref: z.enum(["standard", "backstop"]).nullish().describe("A backstop fires only where no standard rule does. Default: standard."),
        parameters: Values,
      })
      .nullish(),
    trigger: z
      .strictObject({
        type: TriggerRef.describe("The kind of event: PACK.TRIGGER."),
        parameters: Values.describe("What is asked of the trigger: a webhook's url, a timer's unit."),
        ref: Ours,
        description: Text,
      })
      .describe("What it waits for."),
    criteria: z
      .record(z.string(), z.unknown())
      .nullish()
      .describe("What has to be so, by key: `trigger.body.ref`, with type and pattern. All of them; `any`, `all` and `not` hold others."),
    action: z
      .strictObject({
        ref: ActionRef.describe("PACK.ACTION"),
        parameters: Values.describe("Its parameters; texts may say {{ trigger.body.ref }}."),
        description: Text,
      })
      .describe("What it runs."),
    context: Values,
    tags: Tags,
    metadata_file: Ours,
  })
  .meta({ title: "Rule", description: "When something happens, an action runs." });

export const TriggerYaml = z
  .strictObject({
    name: FreeName.describe("What stands after the dot in `pack.trigger`."),
    ...identity,
    description: Text.describe("One line for people."),
    parameters_schema: z.looseObject({}).nullish().describe("JSON Schema of what a rule may ask of it."),
    payload_schema: z.looseObject({}).nullish().describe("JSON Schema of what an event says."),
    tags: Tags,
    metadata_file: Ours,
  })
  .meta({ title: "Trigger", description: "A kind of event that rules wait for." });

export function readRuleYaml(file: SourceFile, pack: string): ReadYaml<RuleDefinition> {
  const read = readDocument(file.path, file.bytes.toString("utf8"), RuleYaml);
  const { value, at, problems, warnings } = read;
  if (value === undefined) return { located: undefined, problems, warnings };
  otherPack(read, pack);
  if (value.enabled === undefined || value.enabled === null) {
    const hint = "Say enabled: true, or enabled: false, so that nobody has to guess.";
    warnings.push({ file: file.path, ...at([]), message: "enabled is missing, and so the rule is not enabled.", hint });
  }
  const tags = (value.tags ?? []).map((tag) =>
    typeof tag === "string" ? { name: tag, value: "" } : { name: tag.name, value: textOf(tag.value) },
  );
  const definition: RuleDefinition = {
    ref: `${pack}.${value.name}`,
    pack,
    name: value.name,
    description: value.description ?? "",
    enabled: value.enabled ?? false,
    type: value.type?.ref ?? "standard",
    trigger: { type: value.trigger.type, parameters: value.trigger.parameters ?? {} },
    criteria: value.criteria ?? {},
    action: { ref: value.action.ref, parameters: value.action.parameters ?? {} },
    ...(tags.length === 0 ? {} : { tags }),
    source: { file: file.path, ...at([]) },
  };
  return { located: { definition, file: file.path, at }, problems, warnings };
}

export function readTriggerYaml(file: SourceFile, pack: string): ReadYaml<TriggerDefinition> {
  const read = readDocument(file.path, file.bytes.toString("utf8"), TriggerYaml);
  const { value, at, problems, warnings } = read;
  if (value === undefined) return { located: undefined, problems, warnings };
  otherPack(read, pack);
  const definition: TriggerDefinition = {
    ref: `${pack}.${value.name}`,
    pack,
    name: value.name,
    description: value.description ?? "",
    ...(value.parameters_schema ? { parameters: value.parameters_schema } : {}),
    ...(value.payload_schema ? { payload: value.payload_schema } : {}),
    source: { file: file.path, ...at([]) },
  };
  return { located: { definition, file: file.path, at }, problems, warnings };
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
