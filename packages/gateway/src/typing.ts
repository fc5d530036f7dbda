import type { Send } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import type { Adapter } from "./adapter.ts";
import type { Clock } from "./clock.ts";

interface Typing {
  /** Shows that we are at it, at once and again, until {@link Typing.end} for what the send answers. */
  begin(send: Pick<Send, "to" | "answers">): void;
  /** Its final word goes out. */
  end(answers: string | undefined): void;
}

/** Platforms show it for some ten seconds. */
const everyMs = 4_000;
/** What takes longer is told in another way. */
const longestMs = 60_000;

/** @param at.over ends all of it */
export function createTyping(at: { adapter: Pick<Adapter, "type">; clock: Clock; over: AbortSignal; log: Log }): Typing {
  const { adapter, clock, over, log } = at;
  const shown = new Map<string, () => void>();
  over.addEventListener("abort", () => {
    for (const cancel of shown.values()) cancel();
    shown.clear();
  });

  function end(answers: string | undefined): void {
    if (answers === undefined) return;
    shown.get(answers)?.();
    shown.delete(answers);
  }

  return {
    end,
    begin({ to, answers }) {
      if (adapter.type === undefined || over.aborted) return;
      end(answers);
      const since = clock.now();
      const again = () => {
        adapter.type?.(to).catch((error: unknown) => log.debug({ why: String(error) }, "typing could not be shown"));
        if (answers === undefined) return;
        if (clock.now() + everyMs - since < longestMs) shown.set(answers, clock.after(everyMs, again));
        else shown.delete(answers);
      };
      again();
    },
  };
}
