import { commonConfig, loadConfig, type CommonConfig, type Env } from "@bellhop/service";
import { parseWhat, parseWho, type FileRule } from "@bellhop/core";
import { z } from "zod";
import { historySettings, type HistorySettings } from "./history-settings.ts";

export interface EngineConfig extends CommonConfig {
  /** Identities that own the installation: `slack:T1/U2`, `matrix:@ana:example.org`. */
  owners: string[];
  /** Who else may run what: docs/access.md. Every engine should have the same. */
  access?: readonly FileRule[];
  /** Where runs are remembered; nowhere when not given. */
  history?: HistorySettings;
  /** Whether chats show what commands print while they work, where an alias does not say; true when not given. */
  liveOutput?: boolean;
  /** Messages and results worked on at once, per shard and stream. */
  concurrency: number;
}

const who = z.string().superRefine((text, context) => {
  const read = parseWho(text);
  if (read.kind === "fault")
    context.addIssue(`"${text}" names nobody: ${read.why}; expected e.g. slack:T1/U2, slack:T1/*, room:slack:T1/C9 or *`);
});
const what = z.string().superRefine((text, context) => {
  const read = parseWhat(text);
  if (read.kind === "fault")
    context.addIssue(`"${text}" is nothing to run: ${read.why}; expected e.g. linux.*, core.echo, alias:core.echo or *`);
});

/** What an engine reads of bellhop.yaml, {@link HistoryFile} aside. */
export const EngineFile = z.object({
  access: z
    .array(z.strictObject({ who: z.array(who).min(1), what: z.array(what).min(1) }))
    .default([])
    .describe("Who else may run what."),
  owners: z
    .array(z.string().regex(/^[a-z]+:.+$/, "expected platform:[space/]id, e.g. slack:T1/U2"))
    .default([])
    .describe("Who owns the installation, e.g. slack:T1/U2: they may run everything."),
  liveOutput: z.boolean().default(true).describe("Whether chats show what commands print while they work, where an alias does not say."),
  engine: z
    .object({ concurrency: z.int().min(1).default(64).describe("Messages and results worked on at once, per shard and stream.") })
    .prefault({}),
});

export function engineConfig(env: Env): EngineConfig {
  const common = commonConfig(env, "engine");
  const { owners, access, liveOutput, engine } = loadConfig({ schema: EngineFile, values: common.file, where: "bellhop.yaml" });
  return { ...common, owners, access, liveOutput, history: historySettings(env, common.file), concurrency: engine.concurrency };
}
