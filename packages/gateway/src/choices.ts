import type { Choices } from "@bellhop/contracts";

/** Something that one press does: a button, or one option of a select. */
export interface Pressable {
  readonly label: string;
  readonly words: string;
  /** Which of the choices it is, and the option's value where it is of a select. */
  readonly choice: number;
  readonly value?: string;
}

/** What can be pressed, one after the other: what numbers stand for where a platform has no buttons. Forms are not among them. */
export function pressables({ items }: Choices): Pressable[] {
  return items.flatMap((item, choice): Pressable[] => {
    switch (item.kind) {
      case "button":
        return [{ label: item.label, words: item.words, choice }];
      case "select":
        return item.options.map(({ label, value }) => ({ label, words: `${item.words}${quoted(value)}`, choice, value }));
      case "form":
        return [];
    }
  });
}

/** The choices as lines of Markdown, where there is nothing to press: each with its number and the words that do the same.
 *  @param at.number how the nth is numbered, from 0; undefined where it has no number
 *  @param at.hint said below them */
export function choiceLines(choices: Choices, at: { number: (nth: number) => string | undefined; hint: string }): string {
  const numbered = pressables(choices).map(({ label, words }, nth) => {
    const number = at.number(nth);
    return `- ${number === undefined ? "" : `${number} `}${label}: \`${words}\``;
  });
  const forms = choices.items.flatMap((item) => (item.kind === "form" ? [`- ${item.label}: \`${item.words}\``] : []));
  return [...numbered, ...forms, "", at.hint].join("\n");
}

/** What a platform is told a choice is called. */
export function choiceName(press: string, choice: number): string {
  return `press/${press}/${choice}`;
}

/** Which choice was pressed; undefined where it is none of ours. */
export function readChoiceName(name: string): { press: string; choice: number } | undefined {
  const [, press = "", choice = ""] = /^press\/([\w-]{1,60})\/(\d{1,3})$/.exec(name) ?? [];
  return press === "" ? undefined : { press, choice: Number(choice) };
}

/** A form's fields, or undefined where they can't be had in the time that a platform gives. */
export async function formWithin<Result>(ms: number, asked: Promise<Result>): Promise<{ kind: "known"; form: Result } | { kind: "late" }> {
  const late = Promise.withResolvers<{ kind: "late" }>();
  const timer = setTimeout(() => late.resolve({ kind: "late" }), ms);
  try {
    return await Promise.race([asked.then((form) => ({ kind: "known", form }) as const), late.promise]);
  } catch {
    return { kind: "late" };
  } finally {
    clearTimeout(timer);
  }
}

/** What people are told where a form does not open. */
export const formWords = {
  late: "The form can't be opened right now. Press again in a moment.",
  gone: "This can't be answered any more.",
} as const;

/** As it is typed after `key=`. */
function quoted(value: string): string {
  return /^[^\s"'`]+$/.test(value) ? value : JSON.stringify(value);
}
