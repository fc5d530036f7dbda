import type { StoredBytes, StreamState } from "./kept.ts";
import { errorCodes } from "./answers.ts";
import { Feed } from "./feed.ts";
import { api, nextMessage, type Link } from "./link.ts";
import type { Pulled } from "./pull.ts";

/** As the server describes a stream. */
export interface StreamInfo {
  /** When it was made, and now, by the server's clock: ISO 8601. */
  created: string;
  ts?: string;
  config: { name: string; retention: string; [field: string]: unknown };
  state: { messages: number; bytes: number; first_seq: number; last_seq: number; num_subjects?: number; subjects?: Record<string, number> };
}

/** Undefined where there is no such stream. `body` as the API takes it. */
export async function streamInfo(link: Link, stream: string, body?: object): Promise<StreamInfo | undefined> {
  const info = await api<StreamInfo>(link, { subject: `$JS.API.STREAM.INFO.${stream}`, body, expected: [errorCodes.streamNotFound] });
  return "state" in info ? info : undefined;
}

export async function streamState(link: Link, stream: string): Promise<StreamState | undefined> {
  const info = await streamInfo(link, stream);
  if (info === undefined) return undefined;
  const { created, ts = created, state } = info;
  return { made: created, now: ts, messages: state.messages, bytes: state.bytes, last: state.last_seq };
}

/** Everything that is in a stream now, in order, whatever it is; nothing is taken. No more than some hundred messages wait here. */
export async function* contents(link: Link, stream: string, { from = 1 }: { from?: number } = {}): AsyncGenerator<StoredBytes> {
  const info = await streamInfo(link, stream);
  if (info === undefined || info.state.messages === 0) return;
  if (info.config.retention === "workqueue") yield* oneByOne(link, { stream, from, end: info.state.last_seq });
  else if (from <= info.state.last_seq) yield* fed(link, { stream, from, end: info.state.last_seq });
}

interface Part {
  stream: string;
  /** The first sequence and the last. */
  from: number;
  end: number;
}

/** A work queue has readers that acknowledge, or none. */
async function* oneByOne(link: Link, { stream, from, end }: Part): AsyncGenerator<StoredBytes> {
  for (let next = from; next <= end;) {
    const found = await nextMessage(link, { stream, subject: ">", from: next });
    if (found === undefined || found.sequence > end) return;
    yield found;
    next = found.sequence + 1;
  }
}

/** Messages that wait here at most. */
const most = 512;

async function* fed(link: Link, { stream, from, end }: Part): AsyncGenerator<StoredBytes> {
  const waiting: Pulled[] = [];
  let ready = false;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const feed = new Feed(link, {
    stream,
    filter: ">",
    from,
    room: () => most - waiting.length,
    onMessage(pulled) {
      waiting.push(pulled);
      wake();
    },
    onReady() {
      ready = true;
      wake();
    },
    onError(thrown) {
      failure = thrown instanceof Error ? thrown : new Error(String(thrown));
      wake();
    },
  });
  try {
    for (;;) {
      if (failure !== undefined) throw failure;
      const some = waiting.splice(0);
      if (some.length === 0 && ready) return;
      for (const { message, sequence, storedAt } of some) {
        if (sequence > end) return;
        yield { subject: message.subject, sequence, storedAt, data: message.data };
      }
      feed.more();
      if (waiting.length === 0 && !ready) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    feed.stop();
  }
}
