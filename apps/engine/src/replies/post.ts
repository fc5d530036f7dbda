import { buckets, problem, token, type Body, type Command, type Outcome, type Post, type Problem } from "@bellhop/contracts";
import {
  isOver,
  maySee,
  mostPlaces,
  nowhere,
  placesOf,
  postedOutput,
  postSends,
  renderReply,
  tooManyRooms,
  type KeptText,
  type PostAsk,
} from "@bellhop/core";
import type { Engine } from "../engine.ts";
import { readLog } from "../runs/log/read-run.ts";
import { firstOfAnswer } from "../intake/planned.ts";
import type { First, StepPoints } from "../runs/run-book.ts";

/** Says what a task posts, and tells the task: the first and only record of the ask's own log, so that it is said so once however often it is asked.
 *  @param at.sequence of the ask in its stream: what is asked later under one name has a higher one, and is what stands */
export async function onPostAsked(engine: Engine, ask: PostAsk, at: { sequence: number; points: StepPoints }): Promise<void> {
  await engine.book.open(ask.run, () => firstOfPost(engine, ask, at.sequence), at.points);
}

/** What a task hears whose posting nobody could deal with. */
export function postFailed({ parent }: PostAsk, { data }: Problem): Command {
  return finish(parent, { status: "failed", problem: data });
}

async function firstOfPost(engine: Engine, ask: PostAsk, revision: number): Promise<First> {
  const { key, askedAt, parent, posting } = ask;
  const made = (commands: Command[], kept: readonly KeptText[] = []): First => ({
    ...firstOfAnswer(engine, { key, askedAt, verdict: "answered", commands }),
    ...(kept.length === 0 ? {} : { kept }),
  });
  const words = await wordsOf(engine, ask);
  if (words.kind === "refused") return made([postFailed(ask, words.problem)]);
  const { body, kept } = words;
  if (posting.says.kind === "form") return made([finish(parent, succeeded(formOf(words)))]);
  const places = await keepPlaces(engine, posting);
  if (places.length === 0) return made([postFailed(ask, nowhere(posting))]);
  const count = roomsAmong(places);
  if (count > mostPlaces) return made([postFailed(ask, tooManyRooms({ action: posting.key, parameter: "to", count }))]);
  const sends = words.silent ? [] : postSends({ ask, places, revision, words: body });
  const within = ask.trace === undefined ? {} : { trace: ask.trace };
  const said = sends.map((send): Command => ({ kind: "send", send: { ...send, ...within } }));
  return made([...said, finish(parent, succeeded(postedOutput(posting.key, places)))], kept);
}

type Words = { kind: "ok"; body: Body; kept: readonly KeptText[]; silent: boolean } | { kind: "refused"; problem: Problem };

async function wordsOf({ bus, knowledge }: Engine, { posting: { says }, asker, trusts }: PostAsk): Promise<Words> {
  if (says.kind === "text") return { kind: "ok", body: { text: says.text, tone: "info" }, kept: [], silent: false };
  const found = (await readLog(bus, says.run))?.run;
  // Nobody learns of runs that they may not see.
  if (found === undefined || (trusts === undefined && !maySee(knowledge.policy(), asker, found)))
    return { kind: "refused", problem: problem("run_unknown", { run: says.run }) };
  const { status } = found;
  if (found.endedAt === undefined || !isOver(status))
    return { kind: "refused", problem: problem("run_not_over", { run: says.run, status }) };
  const outcome = (await bus.log.last(says.run))?.record.outcome ?? { status };
  const output = found.output === undefined ? undefined : await bus.loadValue(found.output);
  const { body, kept } = renderReply({ run: found, outcome, output });
  return { kind: "ok", body, kept, silent: !found.reply.enabled };
}

/** StackStorm's fields. */
function formOf({ body, silent }: { body: Body; silent: boolean }): Record<string, unknown> {
  const { text, cards } = body;
  if (silent) return { enabled: false };
  return { enabled: true, message: text, ...(cards === undefined ? {} : { extra: { cards } }) };
}

/** Written down before it is said anywhere; where those are too many it is not. Two engines may hold a shard for a moment, so nobody's place is written over. */
async function keepPlaces({ bus, membership }: Engine, posting: PostAsk["posting"]): Promise<Post["places"]> {
  const { key, thread } = posting;
  // A prompt that was left comes back as another.
  const isLeft = ({ to }: Post["places"][number]) =>
    to.platform === "terminal" && membership.holder(`sender.${token(to.platform)}.${token(to.account)}`) === undefined;
  const standing = (post: Post | undefined) => post && { ...post, places: post.places.filter((place) => !isLeft(place)) };
  const posts = bus.bucket(buckets.post);
  const above = thread === undefined ? undefined : standing((await posts.get(token(thread)))?.value);
  for (;;) {
    const stands = await posts.get(token(key));
    const places = placesOf({ posting, stands: standing(stands?.value), above });
    if (places.length === 0 || roomsAmong(places) > mostPlaces) return places;
    const post: Post = { v: 1, key, places };
    const written = stands === undefined ? await posts.create(token(key), post) : await posts.update(token(key), post, stands.revision);
    if (written !== undefined) return places;
  }
}

function roomsAmong(places: Post["places"]): number {
  return places.filter(({ to }) => to.platform !== "terminal").length;
}

function succeeded(output: Record<string, unknown>): Outcome {
  return { status: "succeeded", output: { inline: output } };
}

function finish({ run, task, attempt }: PostAsk["parent"], outcome: Outcome): Command {
  return { kind: "finish", finished: { v: 1, run, task, attempt, runner: "", outcome } };
}
