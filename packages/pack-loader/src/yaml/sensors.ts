import { longestInterval, mostPartitions, type SensorDefinition, type TriggerDefinition } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import { z } from "zod";
import { within, type SourceFile } from "../folder.ts";
import type { Located } from "../located.ts";
import { stemOf } from "../modules/resolution.ts";
import { otherPack, type ReadYaml } from "./definitions.ts";
import { readDocument, shown } from "./document.ts";
import { Flag, FreeName, Text } from "./fields.ts";

const Schema = z.looseObject({}).nullish();

const TriggerType = z.looseObject({
  name: FreeName.describe("What stands after the dot in `pack.trigger`."),
  pack: Text,
  description: Text.describe("One line for people."),
  parameters_schema: Schema.describe("JSON Schema of what a rule may ask of it."),
  payload_schema: Schema.describe("JSON Schema of what an event says."),
});

/** StackStorm lets any other field pass. */
export const SensorYaml = z
  .looseObject({
    class_name: z
      .string()
      .regex(/^[^\W\d]\w*$/u, "The name of a class: letters, digits and _.")
      .describe("The class in its file."),
    entry_point: z.string().min(1).describe("Its file, as a path within sensors/."),
    name: Text,
    pack: Text,
    description: Text.describe("One line for people."),
    enabled: Flag.describe("Whether it is started. Default: yes."),
    poll_interval: z
      .number()
      .positive()
      .max(longestInterval)
      .nullish()
      .describe("Seconds between two looks. Absent: it says by itself when something happens."),
    trigger_types: z.array(TriggerType).nullish().describe("The triggers that it fires."),
    timeout: z.number().positive().max(longestInterval).nullish().describe("Seconds that one look may take. Default: 60."),
    partitions: z.int().min(1).max(mostPartitions).nullish().describe("How many instances share its work. Default: 1."),
    pool: z.string().min(1).nullish().describe("Which runners have it. Default: default."),
    artifact_uri: Text.describe("Not used: written by StackStorm."),
    metadata_file: Text.describe("Not used: written by StackStorm."),
  })
  .meta({ title: "Sensor", description: "Code that fires triggers." });

interface ReadSensor extends ReadYaml<SensorDefinition> {
  readonly triggers: readonly Located<TriggerDefinition>[];
}

/** Reads what a sensor says of itself, and the triggers that it declares. */
export function readSensorYaml(file: SourceFile, pack: string, files: readonly SourceFile[]): ReadSensor {
  const read = readDocument(file.path, file.bytes.toString("utf8"), SensorYaml);
  const { value, at, problems, warnings } = read;
  if (value === undefined) return { located: undefined, triggers: [], problems, warnings };
  otherPack(read, pack);
  for (const word of Object.keys(value).filter((one) => !Object.hasOwn(SensorYaml.shape, one))) {
    const near = nearest(word, Object.keys(SensorYaml.shape));
    if (near === undefined) continue;
    warnings.push({
      file: file.path,
      ...at([word]),
      message: `There is no field ${word}, so it says nothing.`,
      hint: `Did you mean ${near}?`,
    });
  }
  const entryPoint = within("sensors", value.entry_point);
  if (entryPoint === undefined) {
    const hint = "It is a path within sensors/.";
    problems.push({
      file: file.path,
      ...at(["entry_point"]),
      message: `entry_point ${shown(value.entry_point)} leads out of the pack.`,
      hint,
    });
    return { located: undefined, triggers: [], problems, warnings };
  }
  const kind = entryPoint.endsWith(".py") ? "python" : "executable";
  const lacking = whatIsLacking(entryPoint, files);
  if (lacking !== undefined) {
    const message = `${lacking.why}: ${value.class_name} is never started.`;
    warnings.push({ file: file.path, ...at(["entry_point"]), message, hint: lacking.hint });
  }
  const triggers = (value.trigger_types ?? []).map((trigger, index): Located<TriggerDefinition> => {
    const place = at(["trigger_types", index]);
    const definition = {
      ref: `${pack}.${trigger.name}`,
      pack,
      name: trigger.name,
      description: trigger.description ?? "",
      ...(trigger.parameters_schema ? { parameters: trigger.parameters_schema } : {}),
      ...(trigger.payload_schema ? { payload: trigger.payload_schema } : {}),
      source: { file: file.path, ...place },
    };
    return { definition, file: file.path, at: (path, needle, nth) => at(["trigger_types", index, ...path], needle, nth) };
  });
  const definition: SensorDefinition = {
    ref: `${pack}.${value.class_name}`,
    pack,
    name: value.class_name,
    description: value.description ?? "",
    enabled: value.enabled ?? true,
    kind,
    entryPoint,
    ...(typeof value.poll_interval === "number" ? { pollInterval: value.poll_interval } : {}),
    ...(typeof value.timeout === "number" ? { timeoutMs: Math.max(1, Math.round(value.timeout * 1000)) } : {}),
    ...(typeof value.partitions === "number" ? { partitions: value.partitions } : {}),
    ...(typeof value.pool === "string" ? { pool: value.pool } : {}),
    triggers: triggers.map((one) => one.definition.ref),
    source: { file: file.path, ...at([]) },
  };
  return { located: { definition, file: file.path, at }, triggers, problems, warnings };
}

/** Why a runner could not start it. */
function whatIsLacking(entryPoint: string, files: readonly SourceFile[]): { why: string; hint: string } | undefined {
  const found = files.find((one) => one.path === entryPoint);
  const otherwise = "Its triggers can be fired by other means: rules on them are read.";
  if (found === undefined) return { why: `There is no file ${entryPoint}`, hint: otherwise };
  if (entryPoint.endsWith(".py")) return { why: "No runner here runs sensors in Python", hint: otherwise };
  if (stemOf(entryPoint) !== undefined) {
    return {
      why: `${entryPoint} is TypeScript`,
      hint: "A sensor in TypeScript needs no YAML: its file exports defineSensor({ … }) as default.",
    };
  }
  if (found.executable && found.bytes.subarray(0, 2).toString() !== "#!" && isText(found))
    return { why: `${entryPoint} does not say what runs it`, hint: "Its first line should be like #!/bin/sh." };
  return found.executable ? undefined : { why: `${entryPoint} is not executable`, hint: `chmod +x ${entryPoint}` };
}

/** A program may be a binary. */
function isText({ bytes }: SourceFile): boolean {
  return !bytes.subarray(0, 512).includes(0);
}
