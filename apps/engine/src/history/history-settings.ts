import { join } from "node:path";
import type { HistoryPlace } from "@bellhop/history";
import { loadConfig, Secret, type Env } from "@bellhop/service";
import { z } from "zod";

/** Where history is kept, and for how long. */
export interface HistorySettings {
  /** `postgres://…`: it holds a password. SQLite in the folder when not given. */
  url?: Secret;
  keepDays: number;
}

const url = z.string().refine(isPostgres, "expected postgres://USER:PASSWORD@HOST/DATABASE");

/** What is read of bellhop.yaml about history. */
export const HistoryFile = z.object({
  history: z
    .strictObject({
      url: url.optional().describe("postgres://USER:PASSWORD@HOST/DATABASE. Absent: SQLite in the folder of the installation."),
      keep: z.number("expected a number of days").positive().default(400).describe("Days that a run is remembered."),
    })
    .prefault({})
    .describe("Where runs are remembered, and for how long."),
});
const HistoryEnv = z.object({ BELLHOP_HISTORY_URL: url.optional() });

/** Reads `history:` of bellhop.yaml; BELLHOP_HISTORY_URL wins. @throws Problem config_invalid */
export function historySettings(env: Env, file: Record<string, unknown>): HistorySettings {
  const { history } = loadConfig({ schema: HistoryFile, values: file, where: "bellhop.yaml" });
  const { BELLHOP_HISTORY_URL: wanted = history.url } = loadConfig({ schema: HistoryEnv, values: env, where: "the environment" });
  return { ...(wanted === undefined ? {} : { url: new Secret(wanted) }), keepDays: history.keep };
}

export function historyPlace({ url }: HistorySettings, folder: string): HistoryPlace {
  return url === undefined ? { kind: "sqlite", file: join(folder, "history.db") } : { kind: "postgres", url: url.reveal() };
}

function isPostgres(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text);
}
