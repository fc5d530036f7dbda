import type { Original } from "@bellhop/contracts";
import { setAside, type StandingReply } from "@bellhop/core";
import type { Engine } from "../engine.ts";
import { firstOfAnswer } from "./planned.ts";

/** Says in the log `run` that the words are not there any more, so that they count for nothing should they come after what took them back: a message that
 *  was in a dead engine's hands is delivered again later than what followed it. Long after, nothing can still come.
 *  @returns whether there was something to write */
export async function closeWords(
  engine: Engine,
  at: { key: string; askedAt: string; original: Original; run: string; reply?: StandingReply },
): Promise<boolean> {
  const { key, askedAt, original, run, reply } = at;
  const late = Date.parse(askedAt) - Date.parse(original.sentAt) >= engine.durations.duplicateWindowReceived;
  if (late && reply === undefined) return false;
  const commands = reply?.waits === true ? [{ kind: "send" as const, send: setAside(reply, { final: true }) }] : [];
  await engine.book.open(run, async () => firstOfAnswer(engine, { key, askedAt, verdict: "refused", commands }));
  return true;
}
