import type { Bus } from "@bellhop/bus";
import { conversationKey, runId, shardOfKey, subjects, type Message, type OutputChunk } from "@bellhop/contracts";
import { harmless } from "./markdown.ts";

/** Prints what commands of a prompt print, line by line, while they work. */
export interface LiveLines {
  /** To be told before the message is stored, so that nothing is missed. */
  follow(message: Message): void;
  /** Its final reply is there, which says what there is to say. */
  over(key: string): void;
  stop(): void;
}

/** Lines that wait at most; what comes in so short a time is in the reply as well. */
const mostWaiting = 200;

/** @param at.afterMs what is over sooner is not printed twice */
export function liveLines(at: { bus: Pick<Bus, "hear">; afterMs: number; print: (text: string) => void }): LiveLines {
  const { bus, afterMs, print } = at;
  const followed = new Map<string, () => void>();
  const leave = (key: string) => {
    followed.get(key)?.();
    followed.delete(key);
  };
  return {
    follow(message) {
      const { key, sentAt } = message;
      const { output } = subjects.run;
      const run = runId({ key, at: sentAt, shard: shardOfKey(conversationKey(message)) });
      const lines = wholeLines(print);
      const hearing = bus.hear(output, output.filter({ run }), (chunk) => lines.add(chunk));
      const timer = setTimeout(() => lines.open(), afterMs);
      followed.set(key, () => {
        clearTimeout(timer);
        hearing.stop();
      });
    },
    over: leave,
    stop() {
      for (const key of followed.keys()) leave(key);
    },
  };
}

/** Prints lines once they are whole, and none before it is opened. */
export function wholeLines(print: (text: string) => void): { add(chunk: Pick<OutputChunk, "stream" | "text">): void; open(): void } {
  let waiting: string[] | undefined = [];
  const begun: Partial<Record<OutputChunk["stream"], string>> = {};
  return {
    add({ stream, text }) {
      const lines = `${begun[stream] ?? ""}${text}`.split("\n");
      begun[stream] = lines.pop() ?? "";
      if (lines.length === 0) return;
      const readable = lines.map((line) => harmless(overwritten(line)));
      if (waiting === undefined) print(readable.join("\n"));
      else waiting = [...waiting, ...readable].slice(-mostWaiting);
    },
    open() {
      const lines = waiting ?? [];
      waiting = undefined;
      if (lines.length > 0) print(lines.join("\n"));
    },
  };
}

/** What a carriage return within a line leaves of it. */
function overwritten(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf("\r") + 1);
}
