import { messageIds, problem, streams, type Problem } from "@bellhop/contracts";
import { errorCodes } from "./answers.ts";
import type { DeadLetter, DeadLetters } from "./delivery.ts";
import { readAll } from "./feed.ts";
import { api, messageAt, store, type Link } from "./link.ts";

const stream = streams.dead.name;

export function openDeadLetters(link: Link): DeadLetters {
  return {
    list(read, { stream: from } = {}) {
      return readAll(link, {
        stream,
        filter: from === undefined ? "dead.>" : `dead.${from}`,
        from: 1,
        read: ({ message, sequence, storedAt: at }) =>
          read(letterOf({ number: sequence, at, data: message.data, header: (name) => message.headers?.get(name) ?? "" })),
      });
    },
    async get(number) {
      const found = await messageAt(link, { stream, sequence: number });
      return found === undefined
        ? undefined
        : letterOf({ number, at: found.storedAt, data: found.data, header: (name) => found.header(name) });
    },
    async replay({ number, subject, data }, payload) {
      if (subject === "")
        throw problem("dead_kept", { number, why: "it does not say where it came from", next: `bellhop dead drop ${number}` });
      await store(link, { subject, data: payload === undefined ? data : JSON.stringify(payload), id: messageIds.replayed(number) });
    },
    async drop(number) {
      const answer = await api<{ success: boolean }>(link, {
        subject: `$JS.API.STREAM.MSG.DELETE.${stream}`,
        body: { seq: number, no_erase: true },
        expected: [errorCodes.messageNotDeleted],
      });
      if (!("error" in answer)) return true;
      // What is not there is one reason of several for this error. A number is never given again, so a repeat takes nobody else's letter.
      if ((await messageAt(link, { stream, sequence: number })) === undefined) return false;
      throw problem("internal", { why: `dead letter ${number}: ${answer.error.description}`, run: "-" });
    },
  };
}

/** Stores what could not be handled, once for each message. */
export async function writeLetter(
  link: Link,
  at: {
    stream: string;
    durable: string;
    /** Names the message for ever. */
    id: string;
    subject: string;
    sequence: number;
    storedAt: number;
    deliveries: number;
    data: Uint8Array | string;
    why: Problem;
  },
): Promise<void> {
  const { stream: from, durable, id, subject, sequence, storedAt, deliveries, data, why } = at;
  await store(link, {
    subject: `dead.${from}`,
    data,
    id: `dead:${from}:${id}`,
    headers: {
      [names.stream]: from,
      [names.subject]: subject,
      [names.sequence]: String(sequence),
      [names.storedAt]: new Date(storedAt).toISOString(),
      [names.durable]: durable,
      [names.deliveries]: String(deliveries),
      [names.by]: oneLine(link.name, 80),
      [names.code]: why.code,
      [names.reason]: oneLine(why.message, 300),
      [names.hint]: oneLine(why.hint, 150),
    },
  });
}

const names = {
  stream: "Bellhop-Stream",
  subject: "Bellhop-Subject",
  sequence: "Bellhop-Sequence",
  storedAt: "Bellhop-Stored",
  durable: "Bellhop-Durable",
  deliveries: "Bellhop-Deliveries",
  by: "Bellhop-By",
  code: "Bellhop-Problem",
  reason: "Bellhop-Reason",
  hint: "Bellhop-Hint",
} as const;

function letterOf(at: { number: number; at: number; data: Uint8Array; header: (name: string) => string }): DeadLetter {
  const { number, data, header } = at;
  return {
    number,
    at: at.at,
    storedAt: Date.parse(header(names.storedAt)),
    stream: header(names.stream),
    subject: header(names.subject),
    sequence: Number(header(names.sequence)),
    by: header(names.by),
    durable: header(names.durable),
    deliveries: Number(header(names.deliveries)),
    problem: { code: header(names.code), message: header(names.reason), hint: header(names.hint) },
    data,
  };
}

/** Headers share a kilobyte that messages leave free, and end at a line's end. */
function oneLine(text: string, bytes: number): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  const encoded = new TextEncoder().encode(line);
  return encoded.length <= bytes ? line : new TextDecoder().decode(encoded.subarray(0, bytes - 3)).replace(/\uFFFD$/, "") + "…";
}
