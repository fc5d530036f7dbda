import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Send } from "@bellhop/contracts";
import { renderMarkdown } from "./markdown.ts";
import type { Session } from "./session.ts";

/** What is still to come for earlier prompts gets this much of a script's time, and no more. */
const earlierMs = 500;

export interface PipedPrompt {
  show: (send: Send, from: "this prompt" | "an earlier prompt") => void;
  /** Says every line of the input in order and waits for the final reply to each. 1 if one of them failed or was refused. */
  run(session: Session): Promise<0 | 1>;
}

/** A prompt without a person: standard output carries the final replies to the given lines and nothing else. */
export function pipedPrompt(streams: { input: Readable; output: Writable; notes: (text: string) => void }): PipedPrompt {
  const { input, output, notes } = streams;
  return {
    show(send, from) {
      const text = renderMarkdown(send.body.text, { colour: false });
      if (from === "an earlier prompt") notes(`(for an earlier prompt) ${text}`);
      else if (send.final) output.write(`${text}\n`);
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
