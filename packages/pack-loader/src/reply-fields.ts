import { isFields, isList, type ActionDefinition } from "@bellhop/contracts";
import { outputSchema, readTemplate } from "@bellhop/core";
import { didYouMean } from "./did-you-mean.ts";

/** A path of a template that leads to nothing. */
interface FieldFault {
  readonly text: string;
  readonly expression: string;
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

/** JSON Schema, as far as it says which fields there are. `{}`: any. */
export interface Schema {
  readonly [word: string]: unknown;
}

/** What a template asks for that is not there to be seen: it would show nothing. Where a schema leaves open what there is, everything is; what a template asks
 *  about before it shows it may be missing. */
export function fieldFaults(text: string, seen: Schema): FieldFault[] {
  const read = readTemplate(text);
  if (read.kind === "fault") return [];
  return read.reads.flatMap(({ path, expression, offset, guarded }) => {
    const fault = guarded ? undefined : pathFault(path, seen);
    return fault === undefined ? [] : [{ text, expression, offset, ...fault }];
  });
}

/** What the words of an alias see: who asked and the run, and once it is over, its result.
 *  @param action undefined where it is another pack's
 *  @param when `reply`: the run is over; `ack`: it has begun */
export function seenByAlias(action: ActionDefinition | undefined, when: "reply" | "ack"): Schema {
  const over = when === "reply" ? { result: action === undefined ? {} : resultOf(action) } : {};
  const parameters = action?.kind === "typescript" ? fields(action.parameters) : {};
  return fields({
    asker: fields({ name: scalar, mention: scalar }),
    execution: fields({
      id: scalar,
      status: scalar,
      ...over,
      action: fields({ ref: scalar, pack: scalar, name: scalar }),
      parameters,
      start_timestamp: scalar,
      ...(when === "reply" ? { end_timestamp: scalar, elapsed_seconds: scalar } : {}),
      context: fields({ user: scalar }),
    }),
    actionalias: fields({ ref: scalar, pack: scalar, name: scalar }),
    ...over,
  });
}

const scalar: Schema = { type: "string" };

function fields(properties: Readonly<Record<string, unknown>>): Schema {
  return { type: "object", properties };
}

/** The output schema of a command's action is that of what it prints, which is read where it is JSON. */
function resultOf({ kind, output }: ActionDefinition): Schema {
  const schema = outputSchema(output) ?? {};
  if (kind === "typescript") return schema;
  if (!kind.startsWith("local-shell-")) return {};
  return fields({ stdout: schema, stderr: scalar, return_code: scalar, succeeded: scalar, failed: scalar });
}

/** Null in a path stands for each item of what is gone through. */
type Step = string | number | null;

function pathFault(path: readonly Step[], seen: Schema): Pick<FieldFault, "message" | "hint"> | undefined {
  let here = alternatives(seen);
  let name = "";
  for (const step of path) {
    const next = here.flatMap((schema) => fieldOf(schema, step)).flatMap(alternatives);
    if (next.length === 0) return missing(here, name, step);
    here = next;
    name = typeof step === "string" ? (name === "" ? step : `${name}.${step}`) : `${name}[${step ?? "…"}]`;
  }
  return undefined;
}

function missing(here: readonly Schema[], name: string, step: Step): Pick<FieldFault, "message" | "hint"> {
  const names = here.flatMap((schema) => Object.keys(propertiesOf(schema)));
  if (step === null) return { message: `${name} is no list.`, hint: "" };
  if (name === "") return { message: `There is no ${step} to be shown.`, hint: didYouMean(String(step), names) };
  if (here.every((schema) => typesOf(schema).includes("array"))) {
    const index = /^\d+$/.test(String(step));
    if (step === "length") return { message: `${name} is a list.`, hint: `{{ ${name} | length }} says how long it is.` };
    return index
      ? { message: `${name} has no item ${step}.`, hint: "" }
      : { message: `${name} is a list.`, hint: `Say which of it, as in ${name}[0].` };
  }
  if (names.length === 0) return { message: `${name} has no fields.`, hint: "" };
  return { message: `${name} has no field ${step}.`, hint: didYouMean(String(step), names) };
}

/** What a step leads to: no schema where it leads nowhere. */
function fieldOf(schema: Schema, step: Step): unknown[] {
  const types = typesOf(schema);
  if (types.length === 0) return [{}];
  if (step === null) return eachOf(schema, types);
  const index = /^\d+$/.test(String(step));
  if (types.includes("array") && index) return itemsOf(schema, Number(step));
  if (!types.includes("object")) return [];
  const properties = propertiesOf(schema);
  if (Object.hasOwn(properties, step)) return [properties[step]];
  const { patternProperties, additionalProperties } = schema;
  if (patternProperties !== undefined || additionalProperties === true) return [{}];
  if (isSchema(additionalProperties)) return [additionalProperties];
  return schema["properties"] === undefined && additionalProperties === undefined ? [{}] : [];
}

/** Who goes through a mapping gets its keys, and of a text its characters. */
function eachOf(schema: Schema, types: readonly unknown[]): unknown[] {
  const { items, prefixItems } = schema;
  const keys = types.includes("object") || types.includes("string") ? [scalar] : [];
  if (!types.includes("array")) return keys;
  return Array.isArray(prefixItems) || Array.isArray(items) ? [{}] : [items, ...keys];
}

function itemsOf({ items, prefixItems, additionalItems }: Schema, index: number): unknown[] {
  const tuple = [prefixItems, items].find(isList);
  if (tuple === undefined) return [items];
  return index < tuple.length ? [tuple[index]] : additionalItems === false || items === false ? [] : [{}];
}

/** The schemas that a value may have, each of them plain. */
function alternatives(schema: unknown): Schema[] {
  if (!isSchema(schema) || "$ref" in schema) return [{}];
  const choices = [schema["anyOf"], schema["oneOf"], schema["allOf"]].filter(isList);
  const own = choices.length === 0 || "properties" in schema ? [schema] : [];
  return [...own, ...choices.flat().flatMap(alternatives)];
}

/** What a value may be; empty where that is left open. */
function typesOf(schema: Schema): unknown[] {
  const { type } = schema;
  if (type !== undefined) return [type].flat();
  if ("properties" in schema || "additionalProperties" in schema) return ["object"];
  return "items" in schema ? ["array"] : [];
}

function propertiesOf({ properties }: Schema): Schema {
  return isSchema(properties) ? properties : {};
}

function isSchema(value: unknown): value is Schema {
  return isFields(value);
}
