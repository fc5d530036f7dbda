import { workflowSchema } from "@bellhop/core";
import { z } from "zod";
import { ActionYaml, AliasYaml, ConfigYaml, PackYaml, ParameterYaml, schemaWords } from "./schemas.ts";
import { PolicyYaml } from "./policies.ts";
import { RuleYaml, TriggerYaml } from "./rules.ts";
import { SensorYaml } from "./sensors.ts";

/** JSON Schema, draft 7: what editors read. */
export type JsonSchema = Readonly<Record<string, unknown>>;

type PackFile = "pack" | "action" | "alias" | "workflow" | "rule" | "trigger" | "sensor" | "policy" | "config";

/** JSON Schemas of a pack's YAML files, by what the file is: made of what the loader itself checks with. */
export function packJsonSchemas(): Readonly<Record<PackFile, JsonSchema>> {
  return {
    // Where there is a package.json, the version may be left to it.
    pack: jsonSchema(PackYaml.extend({ version: PackYaml.shape.version.nullish() }).meta(z.globalRegistry.get(PackYaml) ?? {})),
    action: jsonSchema(ActionYaml),
    alias: jsonSchema(AliasYaml),
    workflow: { $schema: "http://json-schema.org/draft-07/schema#", ...workflowSchema },
    rule: jsonSchema(RuleYaml),
    trigger: jsonSchema(TriggerYaml),
    sensor: jsonSchema(SensorYaml),
    policy: jsonSchema(PolicyYaml),
    config: jsonSchema(ConfigYaml),
  };
}

/** What may stand in a file that this schema reads; what becomes of it is not told. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema: made }) {
      tidy(made);
      // The words of JSON Schema that the loader lets through as they are, so that an editor offers them.
      if (zodSchema === ParameterYaml)
        made.properties = { ...Object.fromEntries(schemaWords.map((word) => [word, {}])), ...made.properties };
    },
  });
}

/** Bounds that only say "a safe integer", and names that are only said to be texts, are noise. */
function tidy(made: z.core.JSONSchema.BaseSchema): void {
  if (made.maximum === Number.MAX_SAFE_INTEGER) delete made.maximum;
  if (made.minimum === Number.MIN_SAFE_INTEGER) delete made.minimum;
  if (JSON.stringify(made.propertyNames) === '{"type":"string"}') delete made.propertyNames;
}
