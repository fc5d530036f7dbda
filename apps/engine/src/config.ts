import { commonConfig, givenConfig, loadConfig, systemValuesOf, type CommonConfig, type Env, type GivenConfig } from "@bellhop/service";
import { chainBounds, isRoom, parseWhat, parseWho, zoneOf, type FileRule, type NamedRoom, type ChainBounds } from "@bellhop/core";
import { z } from "zod";
import { historySettings, type HistorySettings } from "./history/history-settings.ts";

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
  /** Whether what an action injects has to fit its trigger's schema; true when not given. Every engine should have the same. */
  checkTriggers?: boolean;
  /** The address of a run's page, with `{run}` where its id belongs; absent: no reply names one. Every engine should have the same. */
  runPage?: string;
  /** Rooms by the names that they have for whoever says something there; a name may stand for several. Every engine should have the same. */
  rooms?: Readonly<Record<string, readonly NamedRoom[]>>;
  /** Of the wall clock that people mean who schedule commands; the machine's when not given. Every engine should have the same. */
  timeZone?: string;
  /** How far events may lead to one another; {@link chainBounds} when not given. Every engine should have the same. */
  chain?: ChainBounds;
  /** Messages and results worked on at once, per shard and stream. */
  concurrency: number;
  /** Whether packs' definitions may have the values of the whole installation, or which packs' may; absent: all. Every engine and runner should have the same. */
  systemValues?: boolean | readonly string[];
  /** What this machine says of packs' configurations; absent: nothing. */
  given?: GivenConfig;
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
const place = z.union([room, z.strictObject({ room, account: z.string().min(1).optional() })]);

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
  runPage: z
    .url({ protocol: /^https?$/ })
    .refine(
      (address) => address.includes("{run}"),
      "expected {run} in it, where a run's id belongs, e.g. https://ops.example.com/runs/{run}",
    )
    .optional()
    .describe("Where people see a run, for what is said of it: https://ops.example.com/runs/{run}. Absent: no reply names a page."),
  rooms: z
    .record(z.string().regex(/^[\w-]{1,48}$/), z.union([place, z.array(place).min(1)]))
    .default({})
    .describe(
      "Rooms by names of your own, for whatever is said in them: ops: slack:T1/C9, or { room, account } where several accounts could speak there, or a list of those.",
    ),
  timeZone: z
    .string()
    .refine((name) => zoneOf(name) !== undefined, "expected the name of a time zone, e.g. Europe/Vienna or UTC")
    .optional()
    .describe("Of the wall clock that people mean who schedule commands, e.g. Europe/Vienna. The machine's, where none is given."),
  chain: z
    .strictObject({
      depth: z.int().min(1).default(chainBounds.depth).describe("How many events may lead to one another, each by way of a rule's run."),
      runs: z
        .int()
        .min(1)
        .default(chainBounds.runs)
        .describe("How many runs may follow, in one chain, from what runs of rules brought about."),
    })
    .prefault({})
    .describe("How far rules may go that bring about what rules wait for."),
  engine: z
    .object({
      concurrency: z.int().min(1).default(64).describe("Messages and results worked on at once, per shard and stream."),
      checkTriggers: z
        .boolean()
        .default(true)
        .describe("Whether `core.inject_trigger` fails where its payload does not fit the schema of its trigger."),
    })
    .prefault({}),
});

export function engineConfig(env: Env): EngineConfig {
  const common = commonConfig(env, "engine");
  const { owners, access, roles, liveOutput, runPage, rooms, timeZone, chain, engine } = loadConfig({
    schema: EngineFile,
    values: common.file,
    where: "bellhop.yaml",
  });
  const history = historySettings(env, common.file);
  return {
    ...common,
    ...(timeZone === undefined ? {} : { timeZone }),
    owners,
    access,
    roles,
    liveOutput,
    ...(runPage === undefined ? {} : { runPage }),
    rooms: named(rooms),
    history,
    chain,
    concurrency: engine.concurrency,
    checkTriggers: engine.checkTriggers,
    systemValues: systemValuesOf(common.file),
    given: givenConfig(env, common.file),
  };
}

function named(rooms: z.infer<typeof EngineFile>["rooms"]): Record<string, NamedRoom[]> {
  const one = (value: z.infer<typeof place>): NamedRoom => (typeof value === "string" ? { room: value } : value);
  return Object.fromEntries(Object.entries(rooms).map(([name, value]) => [name, Array.isArray(value) ? value.map(one) : [one(value)]]));
}
