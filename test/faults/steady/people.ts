import { createHash } from "node:crypto";
import type { Platform, Said, Shown, Words } from "../../platforms.ts";
import { askFor, faultOf, reword, tracesIn } from "../gateways/asked.ts";
import { patience, until } from "../../until.ts";

/** What somebody said to the bot, and what is to become of it. */
export interface Wish {
  chat: Platform;
  said: Said;
  kind: string;
  /** Seconds of the run at which it was said. */
  at: number;
  /** What is wrong with what people see of it now, in words; undefined where all is as it should be. */
  fault: (traces: readonly string[]) => string | undefined;
}

interface Place {
  chat: Platform;
  room: string;
  /** No other message has it. */
  word: string;
  /** Where actions leave their traces. */
  file: string;
}

type Ask = (place: Place) => Promise<Pick<Wish, "said" | "fault">>;

const lines = { page: 60, book: 900 };

/** One after the other, so that each run of the soak has the same mixture: of sixteen commands two lead to a shell, two carry a file, two are long, one is refused, two
 *  are reworded, one is canceled. */
export const mixture: readonly (readonly [kind: string, ask: Ask])[] = [
  ["echo", echo],
  ["trace", traced("again")],
  ["shell", shell],
  ["note", traced("note")],
  ["file in", fileIn],
  ["thread", inThread],
  ["edited", traced("typo")],
  ["page", counted(lines.page)],
  ["echo", echo],
  ["refused", refused],
  ["shell", shell],
  ["file out", fileOut],
  ["canceled", canceled],
  ["trace", traced("again")],
  ["book", counted(lines.book)],
  ["edited", traced("typo")],
];

function echo({ chat, room, word }: Place) {
  return toldOnce(chat, { text: `!echo ${word}`, room }, (shown) => shown.text === word);
}

async function inThread({ chat, room, word }: Place) {
  const thread = await chat.say({ text: "shall we?", room });
  return await toldOnce(chat, { text: `echo ${word}`, room, thread, mention: true }, (shown) => shown.text === word);
}

/** Not repeatable: with its runner it may be lost, and that is said. */
async function shell({ chat, room, word, file }: Place) {
  const told = await toldOnce(
    chat,
    { text: `!shell ${word} in ${file}`, room },
    ({ text }) => text.trim() === `noted ${word}` || /was abandoned/.test(text),
  );
  const fault = (traces: readonly string[]) => {
    const times = traces.filter((trace) => trace === word).length;
    const done = told.said.answers().some(({ text }) => text.startsWith("noted"));
    return told.fault() ?? (times > 1 || (done && times === 0) ? `${word}: done ${times} times` : undefined);
  };
  return { said: told.said, fault };
}

async function refused({ chat, room, word }: Place) {
  return await toldOnce(chat, { text: `!echo ${word}`, room, who: "ben" }, ({ text }) => /may not run core\.echo/.test(text));
}

async function fileIn({ chat, room, word }: Place) {
  const content = Buffer.from(`${word}\n`.repeat(500));
  const digest = createHash("sha256").update(content).digest("hex");
  const words = { text: "!file info", room, files: [{ name: `${word}.txt`, type: "text/plain", content }] };
  return await toldOnce(chat, words, (shown) => (shown.table ?? []).flat().join(" ").includes(digest) || shown.text.includes(digest));
}

async function fileOut({ chat, room, word }: Place) {
  const said = await chat.say({ text: `!attach ${word}.txt this is ${word}`, room });
  return {
    said,
    fault() {
      const files = said.answers().flatMap((shown) => shown.files);
      const right = files.length === 1 && Buffer.from(files[0]?.bytes ?? []).toString("utf8") === `this is ${word}\n`;
      return right ? undefined : `${word}: ${files.length} files: ${seen(said)}`;
    },
  };
}

/** Long answers stand in pieces, or in a file. */
function counted(to: number): Ask {
  return async ({ chat, room }) => {
    const said = await chat.say({ text: `!count to ${to}`, room });
    return {
      said,
      fault() {
        const shown = said.answers();
        const files = shown.flatMap((one) => one.files.map(({ bytes }) => Buffer.from(bytes).toString("utf8")));
        const whole = (files.length > 0 ? files : shown.map(({ text }) => text)).join("\n");
        const found = whole.match(/line number \d+ of/g) ?? [];
        const right = found.length === to && found.every((line, index) => line === `line number ${index + 1} of`);
        return right ? undefined : `count to ${to}: ${found.length} lines in ${shown.length} messages: ${seen(said)}`;
      },
    };
  };
}

/** Taken back as soon as it is acknowledged. A sign that is put on it while no gateway listens is heard by nobody, so whoever waits puts it there again. */
async function canceled({ chat, room }: Place) {
  const told = await toldOnce(chat, { text: "!sleep 600", room }, ({ text }) => /cancel/i.test(text));
  const { said } = told;
  await until(() => said.reactions().length > 0, { within: 4 * patience, instead: () => `${chat.name}: no sign that it was heard` });
  for (let tries = 0; tries < 4 && said.answers().length === 0; tries++) {
    if (tries > 0) await said.unreact("❌");
    await said.react("❌");
    await until(() => said.answers().length > 0).catch(() => undefined);
  }
  return told;
}

function traced(command: "again" | "note" | "typo"): Ask {
  return async ({ chat, room, word, file }) => {
    const asked = await askFor(chat, { word, command, file, place: { room, mention: command === "typo" } });
    if (command === "typo") await reword(asked, { word, file });
    return { said: asked.said, fault: (traces) => faultOf(asked, traces) };
  };
}

async function toldOnce(chat: Platform, words: Words, isRight: (shown: Shown) => boolean) {
  const said = await chat.say(words);
  const fault = () => {
    const [first, ...more] = said.answers();
    return first !== undefined && more.length === 0 && isRight(first) ? undefined : `${words.text}: ${seen(said)}`;
  };
  return { said, fault };
}

function seen(said: Said): string {
  return JSON.stringify(said.answers().map(({ text }) => text.slice(0, 80)));
}

/** Everything that is wrong once all has settled: with what people see, and with what nobody asked for. */
export function faultsOf(at: { wishes: readonly Wish[]; chats: readonly Platform[]; file: string }): string[] {
  const { wishes, chats, file } = at;
  const traces = tracesIn(file);
  const known = new Set(wishes.flatMap(({ chat, said }) => said.answers().map(({ id }) => `${chat.name} ${id}`)));
  const strays = chats.flatMap((chat) =>
    chat
      .seenBy("ana")
      .filter(({ id }) => !known.has(`${chat.name} ${id}`))
      .map(({ text }) => `${chat.name}: nobody asked for ${text.slice(0, 80)}`),
  );
  return [...wishes.flatMap((wish) => faultIn(wish, traces) ?? []), ...strays];
}

export function faultIn({ chat, kind, at, fault }: Wish, traces: readonly string[]): string | undefined {
  const why = fault(traces);
  return why === undefined ? undefined : `${chat.name}, ${kind}, said at ${Math.round(at)} s: ${why}`;
}
