import { fieldsOf, Notify, type ActionDefinition, type AliasDefinition, type Parameter, type PolicyDefinition } from "@bellhop/contracts";
import type { ConfigSchema } from "@bellhop/core";
import { z, type AnyAction, type AnyAlias, type AnyConfig } from "@bellhop/sdk";
import type { PackProblem } from "../problem.ts";
import { compiledPath } from "../modules/resolution.ts";
import { requiredOnFields } from "../requirements.ts";
import { complaintsOf, type Complain } from "./complaints.ts";
import { describePolicies } from "./describe-policies.ts";
import type { Extracted } from "./protocol.ts";
import type { Source } from "./source.ts";

export interface Described<Definition> {
  readonly extracted: Extracted<Definition>;
  readonly problems: PackProblem[];
}

/** Where the value stands that a file exports. */
export interface Exported {
  readonly pack: string;
  readonly name: string;
  readonly source: Source;
  /** The actions of this pack are known by what their files export. */
  refOf(action: unknown): string | undefined;
}

/** An action as data: what the catalog knows of it. */
export function describeAction(
  action: AnyAction,
  where: { pack: string; name: string; source: Source; config: unknown },
): Described<ActionDefinition> & { policies: Extracted<PolicyDefinition>[] } {
  const { pack, name, source } = where;
  const { spec } = action;
  const { problems, at, complain } = complaintsOf(source);

  const parameters = parametersOf(action.input, { secrets: spec.secrets ?? [], complain });
  const output = action.output === undefined ? undefined : jsonSchema(action.output);
  if (output && "fault" in output) complain(["output"], `The output can't be written as JSON Schema: ${output.fault}.`, schemaHint);

  if (spec.config !== undefined && spec.config !== where.config) {
    const hint = 'Write it in config.ts beside pack.yaml and import it: import config from "../config.ts".';
    complain(["config"], "config is not what this pack can be configured with.", hint);
  }
  const { timeout, repeatable = false } = spec;
  if (timeout !== undefined && !(timeout > 0)) complain(["timeout"], `timeout is ${String(timeout)}.`, "Expected seconds, more than 0.");
  if (typeof repeatable === "object") {
    for (const key of Object.keys(repeatable)) {
      if (!(key in action.input.shape)) complain(["repeatable", key], `repeatable: there is no input ${key}.`, "");
    }
  }
  const notify = spec.notify === undefined ? undefined : Notify.safeParse(spec.notify);
  for (const { path, message } of notify?.error?.issues ?? [])
    complain(["notify"], `notify: ${path.join(".")}: ${message}.`, 'Expected { success: { routes: ["ops"] } }.');
  if (typeof spec.description !== "string")
    complain(["description"], "description is missing.", "Expected one line of text: help shows it.");

  const definition: ActionDefinition = {
    ref: `${pack}.${name}`,
    pack,
    name,
    description: String(spec.description ?? ""),
    enabled: spec.enabled ?? true,
    kind: "typescript",
    entryPoint: compiledPath(source.path, source.format),
    parameters,
    ...(output && "schema" in output ? { output: output.schema } : {}),
    repeatable: typeof repeatable === "boolean" ? repeatable : plainLists(repeatable),
    ...(timeout !== undefined && timeout > 0 ? { timeoutMs: Math.max(1, Math.round(timeout * 1000)) } : {}),
    pool: spec.pool ?? "default",
    ...(notify?.data === undefined ? {} : { notify: notify.data }),
    source: { file: source.path, ...at([]) },
  };
  const policies = describePolicies(spec.policies ?? [], { pack, name, at, file: source.path, complain });
  const place = { file: source.path, ranges: source.ranges };
  return { extracted: { definition, ...place }, policies: policies.map((one) => ({ definition: one, ...place })), problems };
}

/** Inputs as parameters; what can't be one is complained of. */
export function parametersOf(
  input: z.ZodObject,
  { secrets, complain }: { secrets: readonly string[]; complain: Complain },
): Record<string, Parameter> {
  const parameters: Record<string, Parameter> = {};
  // One by one only where there is a fault to be found.
  const all = jsonSchema(z.object(input.shape));
  for (const [key, schema] of Object.entries(input.shape)) {
    const made = "schema" in all ? all : jsonSchema(z.object({ [key]: schema as z.ZodType }));
    // It stays a parameter, so that what names it is not complained about too.
    parameters[key] = {};
    if ("fault" in made) complain(["input", key], `The input ${key} can't be written as JSON Schema: ${made.fault}.`, schemaHint);
    else parameters[key] = parameterOf(made.schema, key, secrets.includes(key));
    if (!/^\w+$/.test(key)) complain(["input", key], `"${key}" can't be the name of an input.`, "Letters, digits and _ only.");
  }
  for (const key of secrets) if (!(key in input.shape)) complain(["secrets"], `secrets: there is no input ${key}.`, "");
  return parameters;
}

/** An alias as data. */
export function describeAlias(alias: AnyAlias, where: Exported): Described<AliasDefinition> {
  const { pack, name, source } = where;
  const { spec } = alias;
  const { problems, at, complain } = complaintsOf(source);
  const action = typeof spec.action === "string" ? spec.action : where.refOf(spec.action);
  if (action === undefined) {
    const hint = 'Import it from its file in actions/, or name any action by its ref: "pack.name".';
    complain(["action"], "The action of this alias is none of this pack.", hint);
  }
  if (spec.ack !== undefined && !isAcknowledgement(spec.ack)) {
    const hint = 'Expected false, or { format: "…", as: "reaction" | "typing" | "message" }, each of them optional.';
    complain(["ack"], "ack says nothing about an acknowledgement.", hint);
  }
  if (spec.config !== undefined && (typeof spec.config !== "string" || spec.config === "")) {
    complain(["config"], `config is ${JSON.stringify(spec.config)}.`, "Expected the name of an instance of the configuration.");
  }
  for (const name of ["whisper", "live"] as const) {
    if (spec[name] === undefined || typeof spec[name] === "boolean") continue;
    complain([name], `${name} is ${JSON.stringify(spec[name])}.`, "Expected true or false.");
  }
  const definition: AliasDefinition = {
    ref: `${pack}.${name}`,
    pack,
    name,
    description: spec.description ?? "",
    enabled: spec.enabled ?? true,
    action: action ?? `${pack}.`,
    formats: (spec.formats ?? []).map((format) =>
      typeof format === "string"
        ? { display: format, representation: [format], matchMultiple: false }
        : {
            ...(format.display === undefined ? {} : { display: format.display }),
            representation: typeof format.representation === "string" ? [format.representation] : [...format.representation],
            matchMultiple: format.matchMultiple ?? false,
          },
    ),
    immutableParameters: { ...spec.immutable, ...(spec.config === undefined ? {} : { config: spec.config }) },
    ...(spec.ack === undefined ? {} : { ack: acknowledgement(spec.ack) }),
    result: {
      ...(spec.reply === false ? { enabled: false } : { enabled: true, ...(spec.reply === undefined ? {} : { format: spec.reply }) }),
      ...(spec.whisper === true ? { whisper: true } : {}),
      ...(spec.live === undefined ? {} : { live: spec.live }),
      ...(spec.extra === undefined ? {} : { extra: { ...spec.extra } }),
    },
    source: { file: source.path, ...at([]) },
  };
  return { extracted: { definition, file: source.path, ranges: source.ranges }, problems };
}

/** What a pack can be configured with, as data. */
export function describeConfig(config: AnyConfig, where: { pack: string; source: Source }): Described<ConfigSchema> {
  const { source } = where;
  const { problems, complain } = complaintsOf(source);
  const schema: Record<string, Parameter> = {};
  for (const [key, field] of Object.entries(config.schema.shape)) {
    const made = jsonSchema(z.object({ [key]: field as z.ZodType }));
    schema[key] = {};
    if ("fault" in made) complain([key], `${key} can't be written as JSON Schema: ${made.fault}.`, schemaHint);
    else schema[key] = parameterOf(made.schema, key, config.secrets.includes(key));
    if (!/^\w[\w-]*$/.test(key)) complain([key], `"${key}" can't be the name of a value.`, "Letters, digits, _ and - only.");
  }
  for (const key of config.secrets) if (!(key in config.schema.shape)) complain([], `secrets: there is no ${key}.`, "");
  return { extracted: { definition: schema, file: source.path, ranges: source.ranges }, problems };
}

const AckSpec = z.union([
  z.literal(false),
  z.strictObject({
    format: z.string().optional(),
    as: z.enum(["reaction", "typing", "message"]).optional(),
    extra: z.record(z.string(), z.unknown()).optional(),
  }),
]);

function isAcknowledgement(ack: unknown): boolean {
  return AckSpec.safeParse(ack).success;
}

function acknowledgement(ack: NonNullable<AnyAlias["spec"]["ack"]>): NonNullable<AliasDefinition["ack"]> {
  if (ack === false) return { enabled: false };
  const { format, as, extra } = ack;
  return {
    enabled: true,
    ...(format === undefined ? {} : { format }),
    ...(as === undefined ? {} : { as }),
    ...(extra === undefined ? {} : { extra: { ...extra } }),
  };
}

export const schemaHint =
  "Inputs and outputs travel as JSON: texts, numbers, booleans, lists, records and objects of these. Dates and the like are texts; transform and check by function in run.";

type JsonSchema = Record<string, unknown>;

/** A schema as JSON Schema, or why it can't be one. */
export function jsonSchema(schema: z.ZodType): { schema: JsonSchema } | { fault: string } {
  try {
    const made = z.toJSONSchema(schema, { io: "input", target: "draft-7", unrepresentable: "throw", cycles: "throw" }) as JsonSchema;
    delete made["$schema"];
    return { schema: tidy(made) as JsonSchema };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { fault: why.replace(/\.$/, "") };
  }
}

/** JSON Schema of one property, in StackStorm's way: whether it is required stands on the property itself. */
function parameterOf(object: JsonSchema, key: string, secret: boolean): Parameter {
  const property = requiredOnFields(fieldsOf(fieldsOf(object["properties"])[key]));
  const { required } = object;
  return {
    ...property,
    ...(Array.isArray(required) && required.includes(key) ? { required: true } : {}),
    ...(secret ? { secret: true } : {}),
  };
}

/** Bounds that only say "a safe integer" and names that are only said to be texts are noise, and a choice of plain types is a list of types. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, inner]) => !((key === "minimum" || key === "maximum") && Math.abs(Number(inner)) === Number.MAX_SAFE_INTEGER))
    .filter(([key, inner]) => !(key === "propertyNames" && JSON.stringify(inner) === '{"type":"string"}'))
    .map(([key, inner]) => [key, key === "default" || key === "enum" || key === "const" ? inner : tidy(inner)] as const);
  const tidied: Record<string, unknown> = Object.fromEntries(entries);
  const choices = tidied["anyOf"];
  if (Array.isArray(choices) && choices.every((one: JsonSchema) => typeof one["type"] === "string" && Object.keys(one).length === 1)) {
    delete tidied["anyOf"];
    tidied["type"] = choices.map((one: JsonSchema) => one["type"]);
  }
  return tidied;
}

function plainLists(record: Readonly<Record<string, readonly unknown[] | undefined>>): Record<string, unknown[]> {
  return Object.fromEntries(Object.entries(record).map(([key, values]) => [key, [...(values ?? [])]]));
}
