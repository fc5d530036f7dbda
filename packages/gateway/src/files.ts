import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import type { Bus } from "@bellhop/bus";
import { limits, problem, toProblem, type Durations, type FileRef } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import type { Inbox } from "./adapter.ts";
import type { Spool } from "./spool.ts";

/** A file on this disk that is to be stored under its hash. */
export const FileOnDisk = z.object({ kind: z.literal("file"), object: z.string(), bytes: z.int(), path: z.string() });
export type FileOnDisk = z.infer<typeof FileOnDisk>;

/** The bytes of a file. @throws Problem where it was never kept, or is gone */
export async function readFile(bus: Bus, file: FileRef): Promise<Uint8Array> {
  const bytes = file.object === undefined ? undefined : await bus.objects("values").get(file.object);
  if (bytes === undefined) throw problem("file_unreadable", { file: file.name, why: whyGone(file) });
  return bytes;
}

/** Puts a file into the object store, and takes it off the disk. */
export async function putFile(bus: Bus, { object, path }: FileOnDisk): Promise<void> {
  await bus.objects("values").putStream(object, read(path));
  await rm(path, { force: true });
}

/** {@link Inbox.keep}. A file goes to the disk first: nobody knows its hash before its end, and NATS may be away by then. */
export function createKeep({ spool, durations, log }: { spool: Spool; durations: Durations; log: Log }): Inbox["keep"] {
  const inTurn = turns(3);
  return async (file) => {
    const named = { name: withoutPath(file.name), type: file.type === "" ? "application/octet-stream" : file.type };
    const stated = Number.isSafeInteger(file.bytes) && file.bytes > 0 ? file.bytes : 0;
    if (stated > limits.file) return { ...named, bytes: stated, lost: "too_large" };
    return await inTurn(async (): Promise<FileRef> => {
      const path = spool.pathForFile();
      try {
        const { bytes, object } = await download(file.open, { path, patienceMs: durations.platformCall });
        if (object === undefined) return { ...named, bytes, lost: "too_large" };
        await spool.store({ kind: "file", path, bytes, object });
        return { ...named, bytes, object };
      } catch (error) {
        log.warn({ file: named.name, why: toProblem(error).message }, "a file that came with a message can't be had");
        await rm(path, { force: true });
        return { ...named, bytes: stated, lost: "unreadable" };
      }
    });
  };
}

type Bytes = ReadableStream<Uint8Array> | Uint8Array;

/** Without `object` it is too large, whatever its platform said, and nothing of it is left. */
async function download(
  openFile: () => Promise<Bytes>,
  at: { path: string; patienceMs: number },
): Promise<{ bytes: number; object?: string }> {
  const { path, patienceMs } = at;
  const source = await within(patienceMs, openFile());
  const hash = createHash("sha256");
  let bytes = 0;
  const handle = await open(path, "wx", 0o600);
  try {
    for await (const chunk of chunksOf(source, patienceMs)) {
      bytes += chunk.length;
      if (bytes > limits.file) {
        await rm(path, { force: true });
        return { bytes };
      }
      hash.update(chunk);
      await handle.appendFile(chunk);
    }
    await handle.datasync();
  } finally {
    await handle.close();
  }
  return { bytes, object: hash.digest("hex") };
}

async function* chunksOf(source: Bytes, patienceMs: number): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) return yield source;
  const reader = source.getReader();
  try {
    for (;;) {
      const { done, value } = await within(patienceMs, reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Opened only where somebody reads: an open file that nobody reads stays open. */
async function* read(path: string): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterable<Uint8Array> = createReadStream(path);
  yield* chunks;
}

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${ms} ms`)), ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** At most so many at a time. */
function turns(atOnce: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

function withoutPath(name: string): string {
  return (
    name
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\p{Cc}/gu, "") || "file"
  );
}

function whyGone({ lost }: FileRef): string {
  if (lost === undefined) return "it is gone from the object store";
  return lost === "too_large" ? "it is too large" : "it could not be had";
}
