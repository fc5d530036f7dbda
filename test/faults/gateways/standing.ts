import type { Platform, PlatformName } from "../../platforms.ts";

/** An answer that people saw twice at once, for how long. */
export interface Twice {
  platform: PlatformName;
  text: string;
  ms: number;
}

/** Looks at what people see whenever it changes, and tells in the end which answers stood twice. Answers are told apart by their words. */
export function watchAnswers(chats: readonly Platform[]): { stop(): Twice[] } {
  const watched = chats.map((chat) => {
    const since = new Map<string, number>();
    const twice: Twice[] = [];
    let changed = false;
    const look = () => {
      if (!changed) return;
      changed = false;
      const doubled = doubledIn(chat);
      for (const text of doubled) if (!since.has(text)) since.set(text, performance.now());
      for (const [text, began] of since) {
        if (doubled.has(text)) continue;
        twice.push({ platform: chat.name, text, ms: Math.round(performance.now() - began) });
        since.delete(text);
      }
    };
    const timer = setInterval(look, 50);
    const unwatch = chat.onChange(() => (changed = true));
    return {
      stop() {
        clearInterval(timer);
        unwatch();
        const now = performance.now();
        return [...twice, ...[...since].map(([text, began]) => ({ platform: chat.name, text, ms: Math.round(now - began) }))];
      },
    };
  });
  return { stop: () => watched.flatMap((one) => one.stop()) };
}

function doubledIn(chat: Platform): Set<string> {
  const once = new Set<string>();
  const doubled = new Set<string>();
  for (const { place, text } of chat.seenBy("ana")) {
    const answer = `${place} ${text}`;
    (once.has(answer) ? doubled : once).add(answer);
  }
  return doubled;
}
