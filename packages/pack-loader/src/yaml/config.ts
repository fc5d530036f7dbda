import { isFields, Parameter } from "@bellhop/contracts";
import { nearest, type ConfigSchema } from "@bellhop/core";
import type { SourceFile } from "../folder.ts";
import type { Path } from "../located.ts";
import { requiredOnFields } from "../requirements.ts";
import { readDocument } from "./document.ts";
import type { ReadYaml } from "./definitions.ts";
import { ConfigYaml, schemaWords } from "./schemas.ts";

export const configFile = "config.schema.yaml";

/** Reads `config.schema.yaml`: what the pack can be configured with, by name. */
export function readConfigYaml(file: SourceFile): ReadYaml<ConfigSchema> {
  const text = file.bytes.toString("utf8");
  // Some packs of the Exchange bring the file with nothing but a comment in it.
  const nothing = /^\s*(?:(?:#.*|---|\{\})\s*)*$/.test(text);
  const { value, at, problems, warnings } = readDocument(file.path, nothing ? "{}" : text, ConfigYaml);
  if (value === undefined) return { located: undefined, problems, warnings };
  const schema: Record<string, Parameter> = {};
  for (const [name, given] of Object.entries(value)) {
    for (const { path, word, near } of slips([name], given ?? {})) {
      problems.push({ file: file.path, ...at(path), message: `${word} says nothing about a value.`, hint: `Did you mean ${near}?` });
    }
    schema[name] = Parameter.parse(requiredOnFields(given ?? {}));
  }
  return { located: { definition: schema, file: file.path, at }, problems, warnings };
}

/** Words that are close to one of JSON Schema's, and none of them. */
function slips(at: Path, schema: Readonly<Record<string, unknown>>): { path: Path; word: string; near: string }[] {
  const found = Object.keys(schema).flatMap((word) => {
    const near = schemaWords.includes(word) ? undefined : nearest(word, schemaWords);
    return near === undefined ? [] : [{ path: [...at, word], word, near }];
  });
  const { properties } = schema;
  if (typeof properties !== "object" || properties === null) return found;
  const inner = Object.entries(properties).flatMap(([name, field]: [string, unknown]) =>
    isFields(field) ? slips([...at, "properties", name], field) : [],
  );
  return [...found, ...inner];
}
