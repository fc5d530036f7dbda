import { buckets, pressKey, spans, toProblem, traceOf } from "@bellhop/contracts";
import { point, type Log, type Telemetry } from "@bellhop/service";
import type { Heard, Inbox } from "./adapter.ts";
import { prefixIn, type Prefixes } from "./addressing.ts";
import type { Awaited } from "./awaited.ts";
import { conversationOf, heardId, keyOf } from "./heard.ts";
import { createMarks, type MarksOptions } from "./marks.ts";
import { createKeep } from "./files.ts";
import type { Spool } from "./spool.ts";

interface InboxOptions extends Omit<MarksOptions, "settled" | "owes"> {
  spool: Spool;
  awaited: Awaited;
  prefixes: Prefixes;
  log: Log;
  telemetry: Telemetry;
}

/** What an adapter is given to hear with, and the end of it. */
interface OpenInbox extends Inbox {
  /** Resolves when everything that was received is stored, and the marks say so. */
  finish(): Promise<void>;
}

export function createInbox({ spool, awaited, prefixes, log, telemetry, ...of }: InboxOptions): OpenInbox {
  // A platform that is not told delivers again, as often as it likes: once at a time is enough.
  const storing = new Map<string, Promise<void>>();
  /** What could not be stored and may come again, by its channel: no mark may pass it. */
  const owed = new Map<string, string>();
  const marks = createMarks({
    ...of,
    log,
    settled: () => spool.settled(),
    owes: (place) => owed.size > 0 && (place === "" || [...owed.values()].includes(place)),
  });

  async function store(id: string, heard: Heard): Promise<void> {
    point("gateway.received");
    const key = keyOf(heard);
    const { platform } = of;
    try {
      await telemetry.span(
        () => spans.receive(key),
        { platform, kind: heard.kind },
        () => spool.store(heard),
      );
      owed.delete(id);
      log.info({ id, trace: traceOf(key) }, "stored what was heard");
      telemetry.count("bellhop_messages_total", { platform, outcome: "stored" });
    } catch (error) {
      telemetry.count("bellhop_messages_total", { platform, outcome: "failed" });
      const { code, message } = toProblem(error);
      // What is too large will never be stored, and must not hold up the rest.
      if (code !== "message_too_large") owed.set(id, conversationOf(heard).channel);
      log.error({ id, why: message }, "what was heard can't be stored");
      throw error;
    }
    point("gateway.stored");
  }

  return {
    receive(heard) {
      const id = heardId(heard);
      const known = storing.get(id);
      if (known !== undefined) return known;
      const stored = store(id, heard).finally(() => storing.delete(id));
      storing.set(id, stored);
      return stored;
    },
    keep: createKeep({ spool, durations: of.durations, log }),
    form: async (press) => (await of.bus.bucket(buckets.press).get(pressKey(press)))?.value.form,
    awaits: (said) => awaited.has(said),
    prefix: (conversation) => prefixIn(prefixes, { platform: of.platform, conversation }),
    marks,
    async finish() {
      await Promise.allSettled(storing.values());
      await marks.close();
    },
  };
}
