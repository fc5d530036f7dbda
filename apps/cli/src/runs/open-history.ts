import { historyPlace, historySettings } from "@bellhop/engine/history-settings";
import { historyExists, openHistory, type History } from "@bellhop/history";
import { commonConfig, type Env } from "@bellhop/service";

/** Does something with the history, also while nothing runs. Undefined where none was begun yet. @throws Problem history_unavailable, history_newer */
export async function withHistory<Result>(env: Env, use: (history: History) => Promise<Result>): Promise<Result | undefined> {
  const { folder, file } = commonConfig(env, "cli");
  const place = historyPlace(historySettings(env, file), folder);
  if (!historyExists(place)) return undefined;
  const history = await openHistory(place);
  try {
    return await use(history);
  } finally {
    await history.close();
  }
}
