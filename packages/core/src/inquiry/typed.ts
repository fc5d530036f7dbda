import { problem, shardOfRun, type Meaning, type Press, type Problem } from "@bellhop/contracts";
import { chatPairs } from "../alias/pairs.ts";
import { code } from "../reply/words.ts";

/** Words that may mean what can be pressed: `approve 7F3K`, `answer 7F3K key=value`, `answer RUN key=value`. */
export type Typed =
  /** `id`, or its first four characters; with `word` before it. */
  { kind: "press"; word: string; id: string; rest: string } | { kind: "run"; run: string; task?: string; rest: string };

/** Undefined where they mean nothing of the kind. What begins as a press does may be a pack's own command: that is known once it is looked up. */
export function typedAnswer(text: string): Typed | undefined {
  const [, word = "", named = "", rest = ""] = /^\s*(\S+)\s+`?([0-9A-Za-z-]+(?:\/[\w.=-]+)?)`?(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  const isAnswer = word.toLowerCase() === "answer";
  const [run = "", task] = named.split("/");
  if (isAnswer && shardOfRun(run.toUpperCase()) !== undefined) {
    return { kind: "run", run: run.toUpperCase(), rest, ...(task === undefined ? {} : { task }) };
  }
  const isId = /^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{10})?$/i.test(named) && /\d/.test(named.slice(0, 4));
  return isId && (isAnswer || rest === "") ? { kind: "press", word: word.toLowerCase(), id: named.toUpperCase(), rest } : undefined;
}

/** What typed words mean. `none`: they are no words for anything that can be pressed, so they may be a command. */
type ReadTyped =
  | { kind: "means"; meaning: Meaning; response: Record<string, string> }
  | { kind: "none" }
  | { kind: "refused"; problem: Problem };

/** @param presses those whose ids begin so, with those of this conversation first where there are any: see the caller */
export function readTyped(typed: Extract<Typed, { kind: "press" }>, presses: readonly Press[]): ReadTyped {
  const open = presses.filter(({ over }) => over === undefined);
  const [press = presses[0], second] = open;
  if (press === undefined) return { kind: "none" };
  if (second !== undefined) {
    return refused(problem("press_several", { code: code(typed.id), ids: open.map(({ id }) => code(id)).join(", ") }));
  }
  const { word, rest } = typed;
  const at = press.words.findIndex((words) => words.includes(word));
  const meaning = at < 0 && word === "answer" ? press.means[0] : press.means[at];
  if (meaning === undefined) {
    const takes = press.words.flatMap(([first]) => (first === undefined ? [] : [code(`${first} ${typed.id}`)]));
    return refused(
      problem("press_words", { code: code(typed.id), word, words: [...takes, code(`answer ${typed.id} key=value`)].join(", ") }),
    );
  }
  if (press.over !== undefined) return refused(problem("inquiry_over", { why: press.over }));
  return {
    kind: "means",
    meaning: at < 0 && meaning.kind === "answer" ? { ...meaning, response: {} } : meaning,
    response: pairsOf(rest, press),
  };
}

/** `key=value` pairs; words that are none are the only field's, where there is one. */
export function pairsOf(text: string, press?: Pick<Press, "form">): Record<string, string> {
  const { rest, pairs } = chatPairs(text);
  const [only, more] = press?.form?.fields ?? [];
  const alone = rest.trim() !== "" && only !== undefined && more === undefined ? { [only.name]: rest.trim() } : {};
  return { ...alone, ...Object.fromEntries(pairs) };
}

function refused(why: Problem): ReadTyped {
  return { kind: "refused", problem: why };
}
