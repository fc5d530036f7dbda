import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { renderMarkdown } from "./markdown.ts";
import type { Session, Show } from "./session.ts";

/** What is still to come for earlier prompts gets this much of a script's time, and no more. */
const earlierMs = 500;

export interface PipedPrompt {
  show: Show;
  /** Says every line of the input in order and waits for the final reply to each. 1 if one of them failed or was refused. */
  run(session: Session): Promise<0 | 1>;
}

/** A prompt without a person: standard output carries the final replies to the given lines and nothing else; with `json` each is one object on one line:
 *  line, text, outcome, and run and result where there are any. */
export function pipedPrompt(at: { input: Readable; output: Writable; notes: (text: string) => void; json: boolean }): PipedPrompt {
  const { input, output, notes, json } = at;
  return {
    show(send, { from, line }) {
      const text = renderMarkdown(send.body.text, { colour: false });
      if (from === "an earlier prompt") notes(`(for an earlier prompt) ${text}`);
      else if (send.final) output.write(`${json ? JSON.stringify(shownJson(send, { line, text })) : text}\n`);
      else notes(text);
    },
    async run(session) {
      const keys: string[] = [];
      for await (const line of createInterface({ input, terminal: false })) {
        if (line.trim() !== "") keys.push(await session.say(line));
      }
      await session.settled();
      await Promise.race([session.earlierSettled(), new Promise((resolve) => setTimeout(resolve, earlierMs))]);
      return keys.every((key) => (session.finals.get(key)?.outcome ?? "ok") === "ok") ? 0 : 1;
    },
  };
}

function shownJson({ outcome = "ok", run, result }: Parameters<Show>[0], about: { line: string | undefined; text: string }): object {
  return { ...about, outcome, run, result };
}
