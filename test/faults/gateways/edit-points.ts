import type { CrashPoint } from "@bellhop/service";
import { until } from "../../platforms.ts";
import type { Team } from "../../team.ts";
import { askFor, faultsOf, reword, tracesIn } from "./asked.ts";
import { askEverywhere, settled, type CaseFindings } from "./points.ts";
import { watchAnswers } from "./standing.ts";

/** Where an engine can die between the old words of a command and the new ones. */
export const editPoints: readonly CrashPoint[] = ["engine.revoked", "engine.superseded"];

/** Kills the engine at that point, with commands on every platform that were reworded before any runner took them. */
export async function hitEdits(team: Team, at: { point: CrashPoint; words: string }): Promise<CaseFindings> {
  const { stage, chats } = team;
  const { file } = stage;
  const before = stage.crashes().length;
  await stage.kill("runner-1");
  await stage.kill("engine-1");
  stage.start("engine-1", { crash: at.point });
  const watch = watchAnswers(chats);
  const asked = await Promise.all(
    chats.map(async (chat) => askFor(chat, { word: `${at.words}${chat.name}`, command: "again", file, place: {} })),
  );
  // Shows that the run is there.
  await until(() => asked.every(({ said }) => said.reactions().length > 0));
  for (const one of asked) await reword(one, { word: `${one.word}b`, file });
  const hits = () => stage.crashes().length - before;
  await until(() => hits() > 0);
  stage.start("runner-1");
  await settled(asked, () => true, file);
  const last = (await Promise.all(chats.map(async (chat) => askEverywhere(chat, { file, words: `${at.words}z${chat.name}` })))).flat();
  await settled(last, () => true, file);
  const faults = faultsOf({ asked: [...asked, ...last], chats: [], traces: tracesIn(file), logs: await stage.logs() });
  const tooLate = asked.filter(({ said, reworded }) => said.answers()[0]?.text !== `noted ${reworded}`);
  return { hits: hits(), faults: [...faults, ...tooLate.map(({ word }) => `${word} ran as it was first written`)], twice: watch.stop() };
}
