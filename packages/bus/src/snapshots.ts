import { problem } from "@bellhop/contracts";
import type { Msg } from "nats";
import type { Snapshot, Snapshots } from "./kept.ts";
import { errorCodes, type ApiError } from "./answers.ts";
import { streamState } from "./contents.ts";
import { api, apiOrThrow, nonce, type Link } from "./link.ts";

/** What the server lays into one message of a snapshot, and what it is given back in. */
const chunkSize = 128 * 1024;
/** Chunks on their way to the server at one time. */
const window = 8;
const answerMs = 30_000;
/** The server unpacks all of it before it answers for the last time. */
const unpackMs = 600_000;
/** A server that says nothing for so long has given up, or lost its leader. */
const silenceMs = 20_000;

/** JetStream's own snapshots: a stream with its sequences, times and configuration, and without its consumers. For the operator. */
export function openSnapshots(link: Link): Snapshots {
  return {
    state: (stream) => streamState(link, stream),
    take: (stream) => take(link, stream),
    restore: (snapshot) => restore(link, snapshot),
    async remove(stream) {
      await api(link, { subject: `$JS.API.STREAM.DELETE.${stream}`, expected: [errorCodes.streamNotFound] });
    },
    async mark(name, text) {
      const config = { name, subjects: [name], retention: "limits", storage: "file", max_msgs: 1, allow_direct: true };
      await apiOrThrow(link, { subject: `$JS.API.STREAM.CREATE.${name}`, body: { ...config, description: text } });
    },
    async marked(name) {
      const info = await api<{ config: { description?: string } }>(link, {
        subject: `$JS.API.STREAM.INFO.${name}`,
        expected: [errorCodes.streamNotFound],
      });
      return "config" in info ? (info.config.description ?? "") : undefined;
    },
  };
}

async function take(link: Link, stream: string): Promise<Snapshot> {
  const inbox = `${link.inboxPrefix}.${nonce()}`;
  const waiting: Msg[] = [];
  let wake: () => void = () => undefined;
  const subscription = link.nc.subscribe(inbox, {
    callback(_, message) {
      waiting.push(message);
      wake();
    },
  });
  try {
    const { config, state } = await ask<Pick<Snapshot, "config" | "state">>(link, `$JS.API.STREAM.SNAPSHOT.${stream}`, {
      deliver_subject: inbox,
      no_consumers: true,
      chunk_size: chunkSize,
    });
    return { stream, config, state, chunks: chunks() };
  } catch (thrown) {
    subscription.unsubscribe();
    throw thrown;
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const message = waiting.shift() ?? (await arrived());
        if (message === undefined) continue;
        const { data, headers } = message;
        if (data.length === 0) {
          if ((headers?.code ?? 0) >= 400) throw failed(stream, `${headers?.code} ${headers?.description}`);
          return;
        }
        yield data;
        // Only now: the server sends no more than so much ahead of its confirmations.
        message.respond();
      }
    } finally {
      subscription.unsubscribe();
    }
  }

  async function arrived(): Promise<undefined> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(failed(stream, `nothing came for ${silenceMs / 1000} s`)), silenceMs);
    });
    await Promise.race([new Promise<void>((resolve) => (wake = resolve)), silence]).finally(() => clearTimeout(timer));
  }
}

async function restore(link: Link, { stream, config, state, chunks }: Snapshot): Promise<void> {
  const { deliver_subject: to } = await ask<{ deliver_subject: string }>(link, `$JS.API.STREAM.RESTORE.${stream}`, { config, state });
  const onTheWay: Promise<void>[] = [];
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += chunkSize) {
      const given = give(link, { to, stream, data: chunk.subarray(at, at + chunkSize), ms: answerMs });
      // It may fail while another is waited for.
      given.catch(() => undefined);
      onTheWay.push(given);
      if (onTheWay.length === window) await onTheWay.shift();
    }
  }
  await Promise.all(onTheWay);
  await give(link, { to, stream, data: new Uint8Array(), ms: unpackMs });
}

async function give(link: Link, at: { to: string; stream: string; data: Uint8Array; ms: number }): Promise<void> {
  const answer = await request(link, { subject: at.to, data: at.data, ms: at.ms, stream: at.stream });
  const { error } = answer.data.length === 0 ? {} : answer.json<{ error?: ApiError }>();
  if (error !== undefined) throw failed(at.stream, error.description);
}

async function ask<T extends object>(link: Link, subject: string, body: object): Promise<T> {
  const stream = subject.split(".").at(-1) ?? subject;
  const said = await request(link, { subject, data: JSON.stringify(body), ms: answerMs, stream });
  const answer = said.json<T & { error?: ApiError }>();
  if (answer.error !== undefined) throw failed(stream, answer.error.description);
  return answer;
}

/** Once: a repeat would begin anew, or give a chunk twice. */
async function request(link: Link, at: { subject: string; data: string | Uint8Array; ms: number; stream: string }): Promise<Msg> {
  try {
    return await link.nc.request(at.subject, at.data, { timeout: at.ms });
  } catch (thrown) {
    throw failed(at.stream, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function failed(stream: string, why: string): Error {
  return problem("snapshot_failed", { stream, why });
}
