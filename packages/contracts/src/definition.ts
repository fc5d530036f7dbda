import { z } from "zod";

/** Where in a pack's source something stands: path within the pack, line and column from 1. */
export const SourcePlace = z.object({ file: z.string(), line: z.int(), column: z.int() });
export type SourcePlace = z.infer<typeof SourcePlace>;

const JsonType = z.enum(["string", "integer", "number", "boolean", "object", "array", "null"]);

/** A parameter as StackStorm's YAML declares it: JSON Schema with `required` on the property itself. */
export const Parameter = z.looseObject({
  type: z.union([JsonType, z.array(JsonType)]).optional(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  secret: z.boolean().optional(),
  immutable: z.boolean().optional(),
  position: z.int().optional(),
});
export type Parameter = z.infer<typeof Parameter>;

/** What is said of the end of a run, and where: rooms by name or address, or routes that rules wait for. */
export const Notice = z.object({
  routes: z.array(z.string()),
  /** A template; absent: that the action is over. */
  message: z.string().optional(),
  /** Templates, for whoever waits for the event; `extra` is shown beside the words. */
  data: z.record(z.string(), z.unknown()).optional(),
});
export type Notice = z.infer<typeof Notice>;

/** Who is told of the end of a run: always, where it succeeded, where it failed, where it was canceled. */
export const Notify = z.object({
  complete: Notice.optional(),
  success: Notice.optional(),
  failure: Notice.optional(),
  cancel: Notice.optional(),
});
export type Notify = z.infer<typeof Notify>;

/** Who a definition is. */
const named = {
  /** `pack.name` */
  ref: z.string(),
  pack: z.string(),
  name: z.string(),
  description: z.string().default(""),
};

export const ActionDefinition = z.object({
  ...named,
  enabled: z.boolean().default(true),
  /** `runner_type` in YAML: typescript, local-shell-cmd, local-shell-script … */
  kind: z.string(),
  /** Path within the pack version's files. */
  entryPoint: z.string().optional(),
  /** Of the kinds orquesta and action-chain: the document of their file, as data. */
  workflow: z.unknown().optional(),
  parameters: z.record(z.string(), Parameter),
  /** JSON Schema of the result. */
  output: z.unknown().optional(),
  /** Whether an attempt that started may be made again: always, never, or when these inputs have one of these values. */
  repeatable: z.union([z.boolean(), z.record(z.string(), z.array(z.unknown()))]).default(false),
  timeoutMs: z.int().positive().optional(),
  pool: z.string().default("default"),
  notify: Notify.optional(),
  source: SourcePlace,
});
export type ActionDefinition = z.infer<typeof ActionDefinition>;

export const AliasFormat = z.object({
  /** What help shows; absent: listed nowhere. */
  display: z.string().optional(),
  /** What a command is matched against. */
  representation: z.array(z.string()),
  matchMultiple: z.boolean().default(false),
});
export type AliasFormat = z.infer<typeof AliasFormat>;

/** What a person sees when the answer takes a while. */
export const Acknowledgement = z.object({
  enabled: z.boolean().default(true),
  /** Words: then it is a message, unless `as` says otherwise. */
  format: z.string().optional(),
  /** Default: a message where there are words, else a reaction. */
  as: z.enum(["reaction", "typing", "message"]).optional(),
  /** Whether words end with where the run is shown; default: they do, where that is known. */
  appendUrl: z.boolean().optional(),
  /** By platform, as {@link AliasDefinition}'s. */
  extra: z.record(z.string(), z.unknown()).optional(),
});
export type Acknowledgement = z.infer<typeof Acknowledgement>;

export const AliasDefinition = z.object({
  ...named,
  enabled: z.boolean().default(true),
  action: z.string(),
  formats: z.array(AliasFormat),
  immutableParameters: z.record(z.string(), z.unknown()).default({}),
  ack: Acknowledgement.optional(),
  result: z
    .object({
      enabled: z.boolean().default(true),
      format: z.string().optional(),
      whisper: z.boolean().optional(),
      /** Whether what the action prints is shown in a chat while it works; as the installation has it, where it is not said. */
      live: z.boolean().optional(),
      /** What is shown beside the words, by platform: templates of what each of them takes. */
      extra: z.record(z.string(), z.unknown()).optional(),
    })
    .default({ enabled: true }),
  source: SourcePlace,
});
export type AliasDefinition = z.infer<typeof AliasDefinition>;

/** A kind of event, which sensors fire and rules wait for. */
export const TriggerDefinition = z.object({
  ...named,
  /** JSON Schema of what a rule may ask of it, and of what an event says. */
  parameters: z.unknown().optional(),
  payload: z.unknown().optional(),
  source: SourcePlace,
});
export type TriggerDefinition = z.infer<typeof TriggerDefinition>;

/** When a trigger fires and the criteria fit, an action runs. */
export const RuleDefinition = z.object({
  ...named,
  enabled: z.boolean().default(true),
  /** A backstop fires only where no standard rule does. */
  type: z.enum(["standard", "backstop"]).default("standard"),
  trigger: z.object({ type: z.string(), parameters: z.record(z.string(), z.unknown()).default({}) }),
  /** By key: `trigger.body.ref`, with `type` and `pattern`. `any`, `all` and `not` hold criteria. */
  criteria: z.record(z.string(), z.unknown()).default({}),
  action: z.object({ ref: z.string(), parameters: z.record(z.string(), z.unknown()).default({}) }),
  tags: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  source: SourcePlace,
});
export type RuleDefinition = z.infer<typeof RuleDefinition>;

/** Code that fires triggers. */
export const SensorDefinition = z.object({
  /** The name is that of its class, or of its file in TypeScript. */
  ...named,
  enabled: z.boolean().default(true),
  /** `executable`: it speaks JSON, line by line. A definition of an earlier release does not say, and was Python's. */
  kind: z.enum(["typescript", "executable", "python"]).default("python"),
  /** Path within the pack version's files. */
  entryPoint: z.string(),
  /** Seconds between two looks; absent: it says by itself when something happens. */
  pollInterval: z.number().positive().optional(),
  /** How long one look may take; absent: a minute. */
  timeoutMs: z.int().positive().optional(),
  /** How many instances share its work; absent: one. */
  partitions: z.int().min(1).optional(),
  /** Which runners have it; absent: `default`. */
  pool: z.string().optional(),
  /** Refs of the triggers that it fires. */
  triggers: z.array(z.string()),
  source: SourcePlace,
});
export type SensorDefinition = z.infer<typeof SensorDefinition>;

export const policyTypes = [
  "action.concurrency",
  "action.concurrency.attr",
  "action.rate",
  "action.cooldown",
  "action.wait",
  "action.retry",
] as const;

/** What holds for all runs of an action: how many at once and how often, how long they wait for that, and whether a failed one is tried again. */
export const PolicyDefinition = z.object({
  ...named,
  enabled: z.boolean().default(true),
  /** The action that it is for. */
  action: z.string(),
  type: z.enum(policyTypes),
  /** As its type has them, defaults filled in. */
  parameters: z.record(z.string(), z.unknown()),
  source: SourcePlace,
});
export type PolicyDefinition = z.infer<typeof PolicyDefinition>;
