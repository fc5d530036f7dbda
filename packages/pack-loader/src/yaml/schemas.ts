import { z } from "zod";

// StackStorm's own files, field for field. What is read and not used yet stays in here, so that its packs load as they are.

const Name = z.string().min(1);
const Text = z.string().nullish();
const Flag = z.boolean().nullish();

/** Keys beyond these are allowed in pack.yaml, as there. */
export const PackYaml = z.looseObject({
  name: Name,
  ref: z
    .string()
    .regex(/^[a-z0-9_]+$/, "Small letters, digits and _ only.")
    .nullish(),
  description: Text,
  version: z.union([z.string(), z.number()]),
  author: Text,
  email: Text,
  keywords: z.array(z.string()).nullish(),
  contributors: z.array(z.string()).nullish(),
  stackstorm_version: Text,
  python_versions: z.array(z.union([z.string(), z.number()])).nullish(),
  dependencies: z.array(z.string()).nullish(),
});

const JsonType = z.enum(["string", "integer", "number", "boolean", "object", "array", "null"]);

export const ParameterYaml = z.looseObject({
  type: z.union([JsonType, z.array(JsonType)]).optional(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  secret: z.boolean().optional(),
  immutable: z.boolean().optional(),
  position: z.int().optional(),
});

/** What else a parameter may say: JSON Schema. A word that is close to one of these, and none of them, is a slip. */
export const schemaWords: readonly string[] = [
  ...Object.keys(ParameterYaml.shape),
  ..."items additionalItems properties patternProperties additionalProperties dependencies anyOf oneOf allOf not minimum maximum exclusiveMinimum".split(
    " ",
  ),
  ..."exclusiveMaximum multipleOf minLength maxLength pattern format minItems maxItems uniqueItems minProperties maxProperties title const".split(
    " ",
  ),
];

export const ActionYaml = z.strictObject({
  name: Name.regex(/^[\w.-]+$/, "Letters, digits, `_`, `-` and `.` only."),
  runner_type: Name,
  description: Text,
  enabled: Flag,
  entry_point: Text,
  pack: Text,
  parameters: z.record(z.string().regex(/^\w+$/, "Letters, digits and _ only."), ParameterYaml.nullable()).nullish(),
  output_schema: z.looseObject({}).nullish(),
  tags: z.array(z.union([z.string(), z.looseObject({ name: z.string() })])).nullish(),
  notify: z.looseObject({}).nullish(),
  metadata_file: Text,
  ref: Text,
  uid: Text,
});

const LongFormat = z.strictObject({
  display: Text,
  representation: z.union([z.string(), z.array(z.string())]),
  match_multiple: Flag,
});

/** `extra` is where adapters of StackStorm's chat find what is theirs; these words are ours. */
const AckExtra = z.looseObject({ as: z.enum(["reaction", "typing", "message"]).nullish() }).nullish();
const ResultExtra = z.looseObject({ whisper: Flag, live: Flag }).nullish();

export const AliasYaml = z.strictObject({
  name: Name.regex(/^[\w.-]+$/, "Letters, digits, `_`, `-` and `.` only."),
  action_ref: Name.regex(/^[^.\s]+\.\S+$/, "Write it as PACK.ACTION."),
  formats: z.array(z.union([z.string(), LongFormat])).min(1),
  pack: Text,
  ref: Text,
  uid: Text,
  id: Text,
  description: Text,
  enabled: Flag,
  ack: z.strictObject({ enabled: Flag, format: Text, extra: AckExtra, append_url: Flag }).partial().nullish(),
  result: z.strictObject({ enabled: Flag, format: Text, extra: ResultExtra }).partial().nullish(),
  extra: z.unknown().optional(),
  immutable_parameters: z.record(z.string(), z.unknown()).nullish(),
  metadata_file: Text,
});
