import { problem } from "@bellhop/contracts";
import { errorCodes, readApi, type ApiError } from "./answers.ts";
import type { Link } from "./link.ts";

/** A message as a stream holds it. */
export interface StoredMessage {
  subject: string;
  sequence: number;
  storedAt: number;
  id: string;
  data: Uint8Array;
  header(name: string): string;
}

/** Which message of a stream: by sequence, the last of a subject (wildcards are taken only by {@link readFromLeader}), or the first of a subject from a
 *  sequence on. */
export type Which = { seq: number } | { last_by_subj: string } | { seq: number; next_by_subj: string };

/** Streams whose leader alone may be asked, by connection: what one finds out is forgotten when it comes back, perhaps to another server. */
const leaderOnly = new WeakMap<Link, Set<string>>();

/** A message as whoever stored the last one knows it, or undefined; as often as it takes. A stream of one copy answers by itself. With several, a copy that lags
 *  behind would answer too, so those are made without direct access: nobody answers, and the leader is asked instead. */
export async function readStored(link: Link, at: { stream: string; which: Which }): Promise<StoredMessage | undefined> {
  const known = leaderOnlyOf(link);
  if (!known.has(at.stream)) {
    const answer = await readDirectly(link, at);
    if (answer !== "nobody") return answer;
  }
  const found = await readFromLeader(link, at);
  known.add(at.stream);
  return found;
}

/** The same from the leader, in any case. */
export function readFromLeader(link: Link, { stream, which }: { stream: string; which: Which }): Promise<StoredMessage | undefined> {
  const subject = `$JS.API.STREAM.MSG.GET.${stream}`;
  return link.outbox.ask<StoredMessage | undefined>({
    subject,
    data: JSON.stringify(which),
    read(reply) {
      const answer = readApi<{ message: LeadersMessage } | { error: ApiError }>(reply, subject, [errorCodes.messageNotFound]);
      if (answer.kind !== "done") return answer;
      return { kind: "done", value: "message" in answer.value ? fromLeader(answer.value.message) : undefined };
    },
  });
}

function leaderOnlyOf(link: Link): Set<string> {
  const before = leaderOnly.get(link);
  if (before !== undefined) return before;
  const known = new Set<string>();
  leaderOnly.set(link, known);
  link.onReconnect(() => known.clear());
  return known;
}

function readDirectly(link: Link, { stream, which }: { stream: string; which: Which }): Promise<StoredMessage | undefined | "nobody"> {
  // The last one of a subject is named in the request's own subject, which the server can check against permissions.
  const [suffix, data] = "last_by_subj" in which ? [`.${which.last_by_subj}`, ""] : ["", JSON.stringify(which)];
  const subject = `$JS.API.DIRECT.GET.${stream}${suffix}`;
  return link.outbox.ask<StoredMessage | undefined | "nobody">({
    subject,
    data,
    read(reply) {
      const head = reply.headers;
      if (head === undefined) return { kind: "again", why: "an answer without headers" };
      if (head.code === 404) return { kind: "done", value: undefined };
      if (head.code === 503) return { kind: "done", value: "nobody" };
      if (head.code >= 400) {
        return { kind: "failed", problem: problem("internal", { why: `${subject}: ${head.code} ${head.description}`, run: "-" }) };
      }
      const header = (name: string) => head.get(name);
      return {
        kind: "done",
        value: {
          subject: header("Nats-Subject"),
          sequence: Number(header("Nats-Sequence")),
          storedAt: Date.parse(header("Nats-Time-Stamp")),
          id: header("Nats-Msg-Id"),
          data: reply.data,
          header,
        },
      };
    },
  });
}

/** In base64: headers as they stand on the wire, and the payload. */
interface LeadersMessage {
  subject: string;
  seq: number;
  time: string;
  hdrs?: string;
  data?: string;
}

function fromLeader({ subject, seq, time, hdrs = "", data = "" }: LeadersMessage): StoredMessage {
  const lines = Buffer.from(hdrs, "base64").toString().split("\r\n").slice(1);
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
  const header = (name: string) => headers.get(name) ?? "";
  return { subject, sequence: seq, storedAt: Date.parse(time), id: header("Nats-Msg-Id"), data: Buffer.from(data, "base64"), header };
}
