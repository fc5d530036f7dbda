import { isFields } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import type { JsonSchema } from "@bellhop/pack-loader/schemas";
import { jsonSchemas } from "./json-schemas.ts";

/** A sentence for each setting of bellhop.yaml that nothing reads: a slip there would be told by nobody.
 *  @param file parsed */
export function unknownSettings(file: Readonly<Record<string, unknown>>): string[] {
  return unknownIn(file, jsonSchemas()["bellhop"] ?? {}, []);
}

function unknownIn(value: unknown, schema: JsonSchema, at: readonly string[]): string[] {
  const { properties, additionalProperties: others } = schema;
  if (!isFields(value)) return [];
  const known = isFields(properties) ? properties : {};
  // What holds whatever names somebody gives.
  const isOpen = !isFields(properties) || others === true;
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = [...at, name];
    const one = Object.hasOwn(known, name) ? known[name] : others;
    if (isFields(one)) return unknownIn(inner, one, path);
    if (isOpen) return [];
    const near = nearest(name, Object.keys(known));
    return [`There is no setting ${path.join(".")}.${near === undefined ? "" : ` Did you mean ${near}?`}`];
  });
}
