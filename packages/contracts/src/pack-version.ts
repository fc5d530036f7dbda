import { z } from "zod";
import {
  ActionDefinition,
  AliasDefinition,
  Parameter,
  PolicyDefinition,
  RuleDefinition,
  SensorDefinition,
  TriggerDefinition,
} from "./definition.ts";

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
