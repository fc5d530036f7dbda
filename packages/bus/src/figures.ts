import { streams, toProblem, type StreamDeclaration } from "@bellhop/contracts";
import { apiOrThrow, nextMessage, type Link } from "./link.ts";

/** How much lies in a stream, by the server's own clock. */
export interface StreamFigures {
  stream: string;
  messages: number;
  bytes: number;
  /** Of the oldest message; 0 when it is empty. */
  oldestAgeMs: number;
  /** Requests by pool, sends by platform; nothing for other streams. */
  queues: { name: string; messages: number; oldestAgeMs: number }[];
  /** Those that stay; of prompts, which come and go, all as one. Nothing where they were not asked for. */
  consumers: { name: string; waiting: number; unacknowledged: number }[];
}

export interface FiguresWanted {
  stream: Pick<StreamDeclaration, "name">;
  /** The role has to take work from the stream, or read it. */
  consumers?: boolean;
}

/** @returns asks about each stream, but not again about one that the server does not tell this role about */
export function figuresOver(link: Link): (wanted: readonly FiguresWanted[]) => Promise<StreamFigures[]> {
  const denied = new Set<string>();
  return async (wanted) => {
    const found = wanted
      .filter(({ stream }) => !denied.has(stream.name))
      .map(async (one) => {
        try {
          return await figuresOf(link, one);
        } catch (thrown) {
          if (toProblem(thrown).code !== "nats_denied") throw thrown;
          denied.add(one.stream.name);
          return undefined;
        }
      });
    return (await Promise.all(found)).filter((figures) => figures !== undefined);
  };
}

async function figuresOf(link: Link, { stream, consumers = false }: FiguresWanted): Promise<StreamFigures> {
  const { name } = stream;
  const bySubject = queued.has(name);
  const [info, durables] = await Promise.all([
    apiOrThrow<StreamInfo>(link, { subject: `$JS.API.STREAM.INFO.${name}`, body: bySubject ? { subjects_filter: ">" } : undefined }),
    consumers ? consumersOf(link, name) : [],
  ]);
  const { state, ts } = info;
  const { messages, bytes, first_ts, first_seq } = state;
  const now = ts === undefined ? Date.now() : Date.parse(ts);
  const ageOf = (storedAt: number) => Math.max(0, now - storedAt);
  const queues = [...queuesOf(state.subjects ?? {})].map(async ([queue, { count, filter }]) => {
    const oldest = await nextMessage(link, { stream: name, subject: filter, from: first_seq });
    return { name: queue, messages: count, oldestAgeMs: oldest === undefined ? 0 : ageOf(oldest.storedAt) };
  });
  return {
    stream: name,
    messages,
    bytes,
    oldestAgeMs: messages === 0 ? 0 : ageOf(Date.parse(first_ts)),
    queues: await Promise.all(queues),
    consumers: durables,
  };
}

interface StreamInfo {
  /** The server's clock. */
  ts?: string;
  state: { messages: number; bytes: number; first_ts: string; first_seq: number; subjects?: Record<string, number> | null };
}

interface ConsumerPage {
  total: number;
  consumers?: { name: string; config: { durable_name?: string }; num_pending: number; num_ack_pending: number }[] | null;
}

/** Streams in which somebody waits for one queue among several: their subjects name it third. */
const queued: ReadonlySet<string> = new Set([streams.action.name, streams.send.name]);

function queuesOf(subjects: Record<string, number>): Map<string, { count: number; filter: string }> {
  const queues = new Map<string, { count: number; filter: string }>();
  for (const [subject, count] of Object.entries(subjects)) {
    const [kind, verb, queue = "", ...rest] = subject.split(".");
    const name = nameOf(queue);
    const filter = [kind, verb, queue, ...rest.map(() => "*")].join(".");
    queues.set(name, { count: (queues.get(name)?.count ?? 0) + count, filter });
  }
  return queues;
}

/** A name as people chose it, where its token still tells. */
function nameOf(part: string): string {
  return part.startsWith("=b") ? Buffer.from(part.slice(2), "base64url").toString("utf8") : part;
}

async function consumersOf(link: Link, stream: string): Promise<StreamFigures["consumers"]> {
  const found = new Map<string, StreamFigures["consumers"][number]>();
  for (let offset = 0; ;) {
    const page = await apiOrThrow<ConsumerPage>(link, { subject: `$JS.API.CONSUMER.LIST.${stream}`, body: { offset } });
    const { total, consumers } = page;
    for (const { config, num_pending, num_ack_pending } of consumers ?? []) {
      // A reader's own goes away with it.
      if (config.durable_name === undefined) continue;
      const name = config.durable_name.replace(/^(send_terminal)_.*/, "$1");
      const { waiting = 0, unacknowledged = 0 } = found.get(name) ?? {};
      found.set(name, { name, waiting: waiting + num_pending, unacknowledged: unacknowledged + num_ack_pending });
    }
    offset += consumers?.length ?? 0;
    if ((consumers?.length ?? 0) === 0 || offset >= total) return [...found.values()];
  }
}
