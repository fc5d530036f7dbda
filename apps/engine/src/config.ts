import { commonConfig, loadConfig, type CommonConfig, type Env } from "@bellhop/service";
import { isRoom, parseWhat, parseWho, type FileRule, type NamedRoom } from "@bellhop/core";
import { z } from "zod";
import { historySettings, type HistorySettings } from "./history-settings.ts";

export interface EngineConfig extends CommonConfig {
  /** Identities that own the installation: `slack:T1/U2`, `matrix:@ana:example.org`. */
  owners: string[];
  /** Who else may run what: docs/access.md. Every engine should have the same. */
  access?: readonly FileRule[];
  /** Who has which role: what people are asked may be for roles. Every engine should have the same. */
  roles?: Readonly<Record<string, readonly string[]>>;
  /** Where runs are remembered; nowhere when not given. */
  history?: HistorySettings;
  /** Whether chats show what commands print while they work, where an alias does not say; true when not given. */
  liveOutput?: boolean;
  /** Rooms that announcements name, by those names. Every engine should have the same. */
  rooms?: Readonly<Record<string, NamedRoom>>;
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
const room = z.string().refine(isRoom, "expected platform:[space/]id, e.g. slack:T1/C9 or matrix:!room:example.org");

/** What an engine reads of bellhop.yaml, {@link HistoryFile} aside. */
export const EngineFile = z.object({
  access: z
    .array(z.strictObject({ who: z.array(who).min(1), what: z.array(what).min(1) }))
    .default([])
    .describe("Who else may run what."),
  roles: z
    .record(z.string().regex(/^[\w-]{1,48}$/), z.array(who))
    .default({})
    .describe("Who has which role, for what people are asked (inquiries): dba: [slack:T1/U2]. Roles let nobody run anything."),
  owners: z
    .array(z.string().regex(/^[a-z]+:.+$/, "expected platform:[space/]id, e.g. slack:T1/U2"))
    .default([])
    .describe("Who owns the installation, e.g. slack:T1/U2: they may run everything."),
  liveOutput: z.boolean().default(true).describe("Whether chats show what commands print while they work, where an alias does not say."),
  rooms: z
    .record(z.string().regex(/^[\w-]{1,48}$/), z.union([room, z.strictObject({ room, account: z.string().min(1).optional() })]))
    .default({})
    .describe(
      "Rooms by names of your own, for announcements: ops: slack:T1/C9, or { room, account } where several accounts could speak there.",
    ),
  engine: z
    .object({ concurrency: z.int().min(1).default(64).describe("Messages and results worked on at once, per shard and stream.") })
    .prefault({}),
});

export function engineConfig(env: Env): EngineConfig {
  const common = commonConfig(env, "engine");
  const { owners, access, roles, liveOutput, rooms, engine } = loadConfig({
    schema: EngineFile,
    values: common.file,
    where: "bellhop.yaml",
  });
  const history = historySettings(env, common.file);
  return { ...common, owners, access, roles, liveOutput, rooms: named(rooms), history, concurrency: engine.concurrency };
}

function named(rooms: z.infer<typeof EngineFile>["rooms"]): Record<string, NamedRoom> {
  return Object.fromEntries(Object.entries(rooms).map(([name, value]) => [name, typeof value === "string" ? { room: value } : value]));
}
