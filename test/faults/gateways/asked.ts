import { readFileSync } from "node:fs";
import type { RunRecord } from "@bellhop/contracts";
import type { Platform, Said, Shown, Words } from "../../platforms.ts";

/** What somebody said to the bot: a command that leaves its word in the trace file. */
export interface Asked {
  chat: Platform;
  said: Said;
  word: string;
  /** `note` may not be done twice, so its run may be lost with its runner. `typo` is no command until it is reworded. */
  command: "again" | "note" | "typo";
  direct: boolean;
  /** The bot is called without the prefix. */
  bare: boolean;
  /** What it was reworded to ask for. */
  reworded?: string;
}

export async function askFor(
  chat: Platform,
  at: { word: string; command: Asked["command"]; file: string; place: Partial<Words> },
): Promise<Asked> {
  const { word, command, place } = at;
  const { direct = false, mention = false } = place;
  const bare = direct || mention;
  const said = await chat.say({ ...place, text: textOf({ ...at, bare }) });
  return { chat, said, word, command, direct, bare };
}

/** Rewords it, so that it asks for another word. A `typo` becomes a command that asks for the word it named. */
export async function reword(asked: Asked, { word, file }: { word: string; file: string }): Promise<void> {
  await asked.said.edit(textOf({ word, command: "again", file, bare: asked.bare }));
  asked.reworded = word;
}

function textOf({ word, command, file, bare }: { word: string; command: Asked["command"]; file: string; bare: boolean }): string {
  return `${bare ? "" : "!"}${command === "typo" ? "agian" : command} ${word} in ${file}`;
}

/** What is wrong with what people see of it, in words. Undefined where all is well. */
export function faultOf(asked: Asked, traces: readonly string[]): string | undefined {
  const { word, reworded } = asked;
  const shown = wordsOf(asked);
  const done = (what: string) => traces.filter((trace) => trace === what).length;
  const fault = (why: string) =>
    `${asked.chat.name} ${word}${reworded === undefined ? "" : ` -> ${reworded}`}: ${why}: ${JSON.stringify(shown)}`;

  const [first = "", ...more] = shown;
  if (first === "") return fault("no answer");
  if (reworded !== undefined && first === noted(reworded)) {
    if (more.length > 0) return fault("more than one answer");
    if (done(reworded) === 0) return fault("told as done, but there is no trace of it");
    return word !== reworded && done(word) > 0 ? fault("both wordings were done") : undefined;
  }
  if (asked.command === "note" && more.length === 0 && /was abandoned/.test(first)) return done(word) > 1 ? fault("done twice") : undefined;
  // Reworded too late: it ran as it was, and that is said beside the answer, whichever comes first.
  const notices = shown.filter((text) => text !== noted(word)).length;
  if (notices > 0 && (reworded === undefined || notices > 1)) return fault("another answer");
  if (shown.length - notices !== 1 || (reworded !== undefined && notices === 0)) return fault("more or less than one answer");
  if (reworded !== undefined && done(reworded) > 0) return fault("both wordings were done");
  if (done(word) === 0) return fault("told as done, but there is no trace of it");
  return asked.command === "note" && done(word) > 1 ? fault("done twice") : undefined;
}

/** Everything that is wrong once all has settled: with what people see, with the traces that actions left, with runs that still wait. Never looks at the
 *  product's own counters or receipts. */
export function faultsOf(at: {
  asked: readonly Asked[];
  chats: readonly Platform[];
  traces: readonly string[];
  logs: readonly RunRecord[];
}): string[] {
  const { asked, chats, traces, logs } = at;
  const known = new Set(asked.flatMap((one) => answersTo(one).map(({ id }) => `${one.chat.name} ${id}`)));
  const strays = chats.flatMap((chat) =>
    chat
      .seenBy("ana")
      .filter(({ id, text }) => !known.has(`${chat.name} ${id}`) && !isNotice(text))
      .map(({ text }) => `${chat.name}: nobody asked for ${text}`),
  );
  const waiting = logs.flatMap(({ state }) =>
    state !== undefined && state.endedAt === undefined ? [`run ${state.id} still waits: ${state.status}`] : [],
  );
  return [...asked.flatMap((one) => faultOf(one, traces) ?? []), ...strays, ...waiting];
}

export function tracesIn(file: string): string[] {
  return readFileSync(file, "utf8").split("\n");
}

/** What people read as answers to it: without notices, and as it would have been said in time. */
export function wordsOf(asked: Asked): string[] {
  return answersTo(asked).flatMap(({ text }) => (isNotice(text) ? [] : [withoutLate(text)]));
}

/** In a direct conversation answers stand one after the other: the words tell whose they are. */
function answersTo({ said, direct, word }: Asked): Shown[] {
  const answers = said.answers();
  return direct ? answers.filter(({ text }) => withoutLate(text) === noted(word)) : answers;
}

/** That it takes longer than it should is said beside the answer. */
function isNotice(text: string): boolean {
  return /^(No runner works for pool|The runners of pool|The runner of \S+ was lost after it had started)/.test(text);
}

/** What was said long after it was to be says so first. */
export function withoutLate(text: string): string {
  return text.replace(/^Late: [^\n]*\n\n/, "");
}

function noted(word: string): string {
  return `noted ${word}`;
}
