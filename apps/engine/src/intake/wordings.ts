import { conversationKey, runId, shardOfKey, type Conversation, type Original, type RunRecord } from "@bellhop/contracts";
import type { Wording } from "@bellhop/core";
import type { Engine } from "../engine.ts";

/** What happened to a message names it so. */
export interface About {
  platform: string;
  account: string;
  conversation: Conversation;
  original: Original;
}

/** The log of a message: its first words have the one that its key names, and each time that new words are taken they get the next. No index is kept of
 *  them: there are as many as are found. */
export function logOf(about: About, nth = 0): string {
  const { key, sentAt: at } = about.original;
  return runId({ key: nth === 0 ? key : `${key}/words/${nth}`, at, shard: shardOfKey(conversationKey(about)) });
}

/** What the words of a message led to so far.
 *  `last`: the latest that were taken. `next`: the log for the next ones. `taken`: the logs by the keys of what they took. */
export async function wordingsOf(
  engine: Engine,
  about: About,
): Promise<{ last: Wording | undefined; next: string; taken: ReadonlyMap<string, string> }> {
  const taken = new Map<string, string>();
  let latest: RunRecord | undefined;
  for (let nth = 0; ; nth++) {
    const run = logOf(about, nth);
    const first = await engine.bus.log.first(run);
    if (first === undefined) return { last: latest === undefined ? undefined : await wordingOf(engine, latest), next: run, taken };
    latest = first.record;
    taken.set(latest.intake?.key ?? latest.event.id, run);
  }
}

async function wordingOf(engine: Engine, first: RunRecord): Promise<Wording> {
  const { at, intake, state, event, run: id } = first;
  const runs = first.commands.flatMap((command) =>
    command.kind === "ask" && command.ask.kind === "planned" ? [{ id: command.ask.run, action: command.ask.plan.action }] : [],
  );
  const words = {
    ...(intake?.words === undefined ? {} : { words: intake.words }),
    ...(intake?.question === undefined ? {} : { question: intake.question }),
    ...(runs.length === 0 ? {} : { runs }),
  };
  if (state !== undefined) return { at, ...words, run: (await engine.book.find(id)) ?? state };
  const send = event.kind === "done" ? undefined : first.commands.findLast((command) => command.kind === "send" && command.send.final);
  if (send?.kind !== "send") return { at, ...words };
  const { key, revision, to, only, answers = key } = send.send;
  return { at, ...words, reply: { key, revision, to, answers, ...(only === undefined ? {} : { only }), waits: false } };
}
