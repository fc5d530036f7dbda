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

const HistoryFile = z.object({
  history: z
    .strictObject({
      url: z.string().optional(),
      keep: z.number("expected a number of days").positive().default(400),
    })
    .prefault({}),
});

const wanted = "expected postgres://USER:PASSWORD@HOST/DATABASE";

/** Reads `history:` of bellhop.yaml; BELLHOP_HISTORY_URL wins. @throws Problem config_invalid */
export function historySettings(env: Env, file: Record<string, unknown>): HistorySettings {
  const { history } = loadConfig({ schema: HistoryFile, values: file, where: "bellhop.yaml" });
  const where = env.BELLHOP_HISTORY_URL === undefined ? "bellhop.yaml" : "the environment";
  const shape = z.object({ BELLHOP_HISTORY_URL: z.string().refine(isPostgres, wanted).optional() });
  const { BELLHOP_HISTORY_URL: url } = loadConfig({
    schema: shape,
    values: { BELLHOP_HISTORY_URL: env.BELLHOP_HISTORY_URL ?? history.url },
    where,
  });
  return { ...(url === undefined ? {} : { url: new Secret(url) }), keepDays: history.keep };
}

export function historyPlace({ url }: HistorySettings, folder: string): HistoryPlace {
  return url === undefined ? { kind: "sqlite", file: join(folder, "history.db") } : { kind: "postgres", url: url.reveal() };
}

function isPostgres(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text);
}
