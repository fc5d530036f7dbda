import type { SensorDefinition, TriggerDefinition } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import { z } from "zod";
import { within, type SourceFile } from "../folder.ts";
import type { Located } from "../located.ts";
import { otherPack, type ReadYaml } from "./definitions.ts";
import { readDocument, shown } from "./document.ts";
import { FreeName } from "./schemas.ts";

const Text = z.string().nullish();
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
    enabled: z.boolean().nullish().describe("Whether it is started. Default: yes."),
    poll_interval: z.number().positive().nullish().describe("Seconds between two looks. Absent: it says by itself when something happens."),
    trigger_types: z.array(TriggerType).nullish().describe("The triggers that it fires."),
    artifact_uri: Text.describe("Not used: written by StackStorm."),
    metadata_file: Text.describe("Not used: written by StackStorm."),
  })
  .meta({ title: "Sensor", description: "Code that fires triggers." });

export interface ReadSensor extends ReadYaml<SensorDefinition> {
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
  const isThere = files.some((one) => one.path === entryPoint);
  const lacking = isThere ? "No runner here runs sensors" : `There is no file ${entryPoint}, and no runner here runs sensors`;
  const hint = "Its triggers can be fired by other means: rules on them are read.";
  warnings.push({ file: file.path, ...at(["entry_point"]), message: `${lacking}: ${value.class_name} is never started.`, hint });
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
    entryPoint,
    ...(typeof value.poll_interval === "number" ? { pollInterval: value.poll_interval } : {}),
    triggers: triggers.map((one) => one.definition.ref),
    source: { file: file.path, ...at([]) },
  };
  return { located: { definition, file: file.path, at }, triggers, problems, warnings };
}
