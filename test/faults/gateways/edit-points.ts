import type { CrashPoint } from "@bellhop/service";
import type { Team } from "../../team.ts";
import { askFor, faultsOf, reword, tracesIn, wordsOf } from "./asked.ts";
import { askEverywhere, settled, type CaseFindings } from "./points.ts";
import { watchAnswers } from "./standing.ts";
import { until } from "../../until.ts";

/** Where an engine can die between the old words of a command and the new ones. */
export const editPoints: readonly CrashPoint[] = ["engine.revoked", "engine.superseded"];

/** Kills the engine at that point, with a command in hand that was reworded before any runner took it. */
export async function hitEdits(team: Team, at: { point: CrashPoint; words: string }): Promise<CaseFindings> {
  const { stage, chats } = team;
  const { file } = stage;
  const before = stage.crashes().length;
  const hits = () => stage.crashes().length - before;
  await team.disconnect();
  await team.connect();
  await stage.kill("runner-1");
  await stage.kill("engine-1");
  stage.start("engine-1", { crash: at.point });
  const watch = watchAnswers(chats);
  const [chat] = chats;
  if (chat === undefined) throw new Error("there is nobody to talk with");
  const one = await askFor(chat, { word: at.words, command: "again", file, place: {} });
  // Shows that the run is there.
  await until(() => one.said.reactions().length > 0);
  await reword(one, { word: `${at.words}b`, file });
  await until(() => hits() > 0);
  stage.start("runner-1");
  await settled([one], () => true, file);
  const last = await askEverywhere(chat, { file, words: `${at.words}z` });
  await settled(last, () => true, file);
  const faults = faultsOf({ asked: [one, ...last], chats: [], traces: tracesIn(file), logs: await stage.logs() });
  if (wordsOf(one)[0] !== `noted ${one.reworded}`) faults.push(`${one.word} ran as it was first written`);
  return { hits: hits(), faults, twice: watch.stop() };
}
