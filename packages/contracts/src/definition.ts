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

export const ActionDefinition = z.object({
  /** `pack.name` */
  ref: z.string(),
  pack: z.string(),
  name: z.string(),
  description: z.string().default(""),
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
  ref: z.string(),
  pack: z.string(),
  name: z.string(),
  description: z.string().default(""),
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
  /** `pack.name` */
  ref: z.string(),
  pack: z.string(),
  name: z.string(),
  description: z.string().default(""),
  /** JSON Schema of what a rule may ask of it, and of what an event says. */
  parameters: z.unknown().optional(),
  payload: z.unknown().optional(),
  source: SourcePlace,
});
export type TriggerDefinition = z.infer<typeof TriggerDefinition>;

/** When a trigger fires and the criteria fit, an action runs. */
export const RuleDefinition = z.object({
  /** `pack.name` */
  ref: z.string(),
  pack: z.string(),
  name: z.string(),
  description: z.string().default(""),
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
  /** `pack.name`; the name is that of its class. */
  ref: z.string(),
  pack: z.string(),
  name: z.string(),
  description: z.string().default(""),
  enabled: z.boolean().default(true),
  /** Path within the pack version's files. */
  entryPoint: z.string(),
  /** Seconds between two looks; absent: it says by itself when something happens. */
  pollInterval: z.number().positive().optional(),
  /** Refs of the triggers that it fires. */
  triggers: z.array(z.string()),
  source: SourcePlace,
});
export type SensorDefinition = z.infer<typeof SensorDefinition>;

/** What holds for all runs of an action: how many at once, and whether a failed one is tried again. */
export const PolicyDefinition = z.object({
  /** `pack.name` */
  ref: z.string(),
  pack: z.string(),
  name: z.string(),
  description: z.string().default(""),
  enabled: z.boolean().default(true),
  /** The action that it is for. */
  action: z.string(),
  type: z.enum(["action.concurrency", "action.concurrency.attr", "action.retry"]),
  /** As its type has them, defaults filled in. */
  parameters: z.record(z.string(), z.unknown()),
  source: SourcePlace,
});
export type PolicyDefinition = z.infer<typeof PolicyDefinition>;

/** Everything one version of a pack declares: what the engine reads. Immutable, named by `digest`. */
export const PackVersion = z.object({
  v: z.literal(1),
  name: z.string(),
  version: z.string(),
  description: z.string().default(""),
  /** SHA-256 over definitions and files. */
  digest: z.string(),
  actions: z.array(ActionDefinition),
  aliases: z.array(AliasDefinition),
  rules: z.array(RuleDefinition).optional(),
  triggers: z.array(TriggerDefinition).optional(),
  sensors: z.array(SensorDefinition).optional(),
  policies: z.array(PolicyDefinition).optional(),
  /** What it can be configured with, by name. */
  config: z.record(z.string(), Parameter).optional(),
  /** The tar of its dependencies in the object store, `<hash>.modules`, and the platform (`linux-x64`) where it holds code for one only. */
  modules: z.object({ hash: z.string(), platform: z.string().optional() }).optional(),
  author: z.string().optional(),
  keywords: z.array(z.string()).optional(),
  /** Files of definitions that could not be read: the pack works without what they would have defined. */
  without: z.array(z.string()).optional(),
});
export type PackVersion = z.infer<typeof PackVersion>;

/** The files of one pack version, as runners unpack them: compiled JavaScript, scripts, data. */
export const PackFiles = z.object({
  v: z.literal(1),
  digest: z.string(),
  files: z.array(z.object({ path: z.string(), executable: z.boolean(), base64: z.string() })),
});
export type PackFiles = z.infer<typeof PackFiles>;

/** Which version of a pack answers now. Changed by compare-and-set. */
export const ActivePack = z.object({
  v: z.literal(1),
  name: z.string(),
  version: z.string(),
  digest: z.string(),
  /** The digest that answered before it. */
  previous: z.string().optional(),
  /** The digest that the watched folder of this pack had when this one was chosen: until that folder has another one, the choice stands. */
  folder: z.string().optional(),
});
export type ActivePack = z.infer<typeof ActivePack>;

/** Where a pack was had from. `folder`: a watched one, or one that was named. */
export const PackOrigin = z.object({
  kind: z.enum(["npm", "tarball", "git", "folder", "exchange"]),
  /** As it was asked for: `@acme/pack-deploy@^2`, `git+https://…#main`, `./packs/deploy`. */
  spec: z.string(),
  /** What that was found to be: an exact version, a commit. */
  resolved: z.string().optional(),
  /** As npm has it: `sha512-…`. */
  integrity: z.string().optional(),
  signature: z.enum(["verified", "unsigned", "unknown"]).default("unknown"),
});
export type PackOrigin = z.infer<typeof PackOrigin>;

/** A version that can be activated, and where it came from. */
export const InstalledVersion = z.object({
  v: z.literal(1),
  name: z.string(),
  version: z.string(),
  digest: z.string(),
  /** As the version has it: keeps the object from being swept. */
  modules: z.string().optional(),
  from: PackOrigin,
  at: z.iso.datetime(),
  /** Who asked for it; absent where `up` found it in a folder that it watches. */
  by: z.string().optional(),
});
export type InstalledVersion = z.infer<typeof InstalledVersion>;

/** Values of a pack's configuration as an owner set them; of its unnamed instance, or of one. Secrets sealed. */
export const PackConfig = z.object({ v: z.literal(1), values: z.record(z.string(), z.unknown()) });
export type PackConfig = z.infer<typeof PackConfig>;
