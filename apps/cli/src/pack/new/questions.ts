import type { Readable, Writable } from "node:stream";
import type { Spelling } from "./templates.ts";

export interface Answers {
  readonly name: string;
  readonly description: string;
  readonly spelling: Spelling;
}

/** Asks for what was not given, where somebody is there to be asked; elsewhere that has its default, and a missing name is empty. Undefined: they
 *  left.
 *  @param given.refused why a name can't be had */
export async function askFor(
  given: Partial<Answers> & {
    refused: (name: string) => string | undefined;
    mayAsk: boolean;
    terminal?: { input: Readable & { isTTY?: boolean }; output: Writable & { isTTY?: boolean } };
  },
): Promise<Answers | undefined> {
  const { name = "", description = descriptionOf(name), spelling = "typescript", refused, mayAsk } = given;
  const { input, output } = given.terminal ?? { input: process.stdin, output: process.stdout };
  const complete = given.name !== undefined && given.description !== undefined && given.spelling !== undefined;
  if (complete || !mayAsk || input.isTTY !== true || output.isTTY !== true) return { name, description, spelling };
  // Loaded where it is needed: every other way of calling this has no questions.
  const { cancel, intro, isCancel, select, text } = await import("@clack/prompts");
  const here = { input, output };
  intro("A new pack", here);
  const named =
    given.name ??
    (await text({ ...here, message: "What is it called?", placeholder: "deploy", validate: (value) => refused(value ?? "") }));
  if (isCancel(named)) return left(() => cancel("Nothing was written.", here));
  const described =
    given.description ??
    (await text({ ...here, message: "What is it for?", defaultValue: descriptionOf(named), placeholder: descriptionOf(named) }));
  if (isCancel(described)) return left(() => cancel("Nothing was written.", here));
  const spelled =
    given.spelling ??
    (await select<Spelling>({
      ...here,
      message: "What is it written in?",
      options: [
        { value: "typescript", label: "TypeScript", hint: "typed from end to end" },
        { value: "yaml", label: "YAML and a script", hint: "any language; StackStorm's own form" },
      ],
    }));
  return isCancel(spelled) ? left(() => cancel("Nothing was written.", here)) : { name: named, description: described, spelling: spelled };
}

function descriptionOf(name: string): string {
  return `What ${name} does in chat`;
}

function left(say: () => void): undefined {
  say();
  return undefined;
}
