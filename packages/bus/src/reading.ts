import { readWire } from "@bellhop/contracts";
import type { ReadBatch, Reading, ReadOptions } from "./delivery.ts";
import { Feed } from "./feed.ts";
import type { Link } from "./link.ts";
import { decode } from "./payload.ts";

/** What stays of a message while it waits: the client's own keeps all of the network's buffer that it came in. */
interface Waiting {
  readonly subject: string;
  readonly text: string;
  readonly sequence: number;
  readonly storedAt: number;
  readonly pending: number;
}

/** Messages that wait here at most, and those handed over at once. */
const most = 512;
const batch = 256;

/** Reads a stream at the pace of whoever asks. */
export function openReading<Payload>(link: Link, options: ReadOptions<Payload>): Reading<Payload> {
  const { stream, filter, from } = options;
  const waiting: Waiting[] = [];
  /** Whether the first batch, which may be empty, was handed over. */
  let begun = false;
  let ready = false;
  let failure: unknown;
  let stopped = false;
  let wake: () => void = () => undefined;
  const feed = new Feed(link, {
    stream: stream.name,
    filter,
    from,
    room: () => most - waiting.length,
    onMessage({ message, sequence, storedAt, pending }) {
      waiting.push({ subject: message.subject, text: decode(message.data), sequence, storedAt, pending });
      wake();
    },
    onReady() {
      ready = true;
      wake();
    },
    onError(thrown) {
      failure = thrown;
      wake();
    },
  });
  const stop = () => {
    stopped = true;
    feed.stop();
    wake();
  };

  async function* batches(): AsyncGenerator<ReadBatch<Payload>> {
    try {
      while (!stopped) {
        if (waiting.length > 0) {
          begun = true;
          const read = readSome(link, options, waiting);
          feed.more();
          yield read;
        } else if (failure !== undefined) throw failure;
        else if (ready && !begun) {
          begun = true;
          yield { entries: [], last: from - 1, pending: 0 };
        } else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      stop();
    }
  }

  return { [Symbol.asyncIterator]: batches, stop };
}

/** Takes a batch off what waits: up to a message that only a newer program can read. */
function readSome<Payload>(link: Link, { subject, from }: ReadOptions<Payload>, waiting: Waiting[]): ReadBatch<Payload> {
  const entries: ReadBatch<Payload>["entries"] = [];
  let last = from - 1;
  let pending = 0;
  for (let taken = 0; taken < batch; taken++) {
    const next = waiting[0];
    if (next === undefined) break;
    const { text, sequence, storedAt } = next;
    const read = readWire(subject, parsed(text));
    if (read.kind === "newer") {
      if (taken === 0) throw read.problem;
      break;
    }
    waiting.shift();
    last = sequence;
    pending = next.pending;
    if (read.kind === "ok") entries.push({ payload: read.payload, sequence, storedAt });
    else
      link.log.warn({ subject: next.subject, sequence, problem: read.problem.data }, "a stored message can't be read and is passed over");
  }
  return { entries, last, pending: pending + waiting.length };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
