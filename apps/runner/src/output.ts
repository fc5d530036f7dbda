import { StringDecoder } from "node:string_decoder";
import { limits, messageIds, subjects, type AttemptRef, type OutputChunk } from "@bellhop/contracts";
import type { Bus } from "@bellhop/bus";
import type { Log } from "@bellhop/service";
import { streamMask } from "./secrets.ts";

export type OutputStream = OutputChunk["stream"];

/** An attempt's live output on its way to whoever follows the run. */
export interface LiveOutput {
  write(stream: OutputStream, bytes: Buffer): void;
  /** Says once that a stream is shown when all of it is there. */
  withhold(stream: OutputStream): void;
  /** Masks these as well in what comes from now on. @param secrets all of them, the longest first */
  mask(secrets: readonly string[]): void;
  /** Sends what is left. Does not wait until it is stored: the result is not held up by what was said on the way. */
  close(): void;
}

/** Pieces are joined for {@link joinMs} or {@link joinBytes}; after `most` bytes one last line says that there is more. */
export function liveOutput(to: {
  bus: Pick<Bus, "publish">;
  attempt: AttemptRef;
  secrets: readonly string[];
  log: Log;
  most?: number;
}): LiveOutput {
  const { bus, log, most = limits.runOutput } = to;
  let { secrets } = to;
  const { run, task, attempt } = to.attempt;
  const streams = new Map<OutputStream, { decoder: StringDecoder; mask: ReturnType<typeof streamMask> }>();
  const withheld = new Set<OutputStream>();
  let pending: { stream: OutputStream; text: string }[] = [];
  let pendingLength = 0;
  let sent = 0;
  let seq = 0;
  let timer: NodeJS.Timeout | undefined;

  return {
    write(stream, bytes) {
      if (sent + pendingLength > most) return;
      let way = streams.get(stream);
      if (!way) streams.set(stream, (way = { decoder: new StringDecoder("utf8"), mask: streamMask(secrets) }));
      add(stream, way.mask.push(way.decoder.write(bytes)));
    },
    withhold(stream) {
      if (withheld.has(stream)) return;
      withheld.add(stream);
      add("log", "What it prints holds secrets: it is shown when it has ended.\n");
    },
    mask(now) {
      secrets = now;
      for (const [stream, way] of streams) {
        add(stream, way.mask.flush());
        way.mask = streamMask(secrets);
      }
    },
    close() {
      for (const [stream, { decoder, mask }] of streams) add(stream, mask.push(decoder.end()) + mask.flush());
      flush();
    },
  };

  function add(stream: OutputStream, text: string): void {
    if (text === "" || sent + pendingLength > most) return;
    const last = pending.at(-1);
    if (last?.stream === stream) last.text += text;
    else pending.push({ stream, text });
    pendingLength += text.length;
    if (sent + pendingLength > most) {
      flush();
      publish({ stream: "log", text: `Live output ends here: it is kept up to ${most / 1024 / 1024} MB.\n` });
    } else if (pendingLength >= joinBytes) flush();
    else timer ??= setTimeout(flush, joinMs);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const { stream, text } of pending) {
      for (let at = 0; at < text.length; at += joinBytes) publish({ stream, text: text.slice(at, at + joinBytes) });
    }
    sent += pendingLength;
    pending = [];
    pendingLength = 0;
  }

  function publish(piece: { stream: OutputStream; text: string }): void {
    const chunk: OutputChunk = { v: 1, run, task, attempt, seq: seq++, ...piece };
    bus
      .publish(subjects.run.output, chunk, { id: messageIds.output(to.attempt, chunk.seq) })
      .catch((error: unknown) => log.warn({ error: String(error), seq: chunk.seq }, "a piece of live output was not stored"));
  }
}

const joinMs = 50;
const joinBytes = 64 * 1024;
