import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { problem } from "@bellhop/contracts";
import { createTarDecoder, createTarPacker } from "modern-tar";
import { z } from "zod";

const Piece = z.object({ name: z.string(), bytes: z.int(), sha256: z.string() });

const Part = z.object({
  /** A stream as the server calls it, `history` or `key`. */
  name: z.string(),
  /** Of a stream: as JetStream's snapshots have them. */
  config: z.record(z.string(), z.unknown()).optional(),
  state: z.record(z.string(), z.unknown()).optional(),
  pieces: z.array(Piece),
});
export type Part = z.infer<typeof Part>;

/** The last entry of an archive: without it, it is not whole. */
export const Manifest = z.object({
  v: z.literal(1),
  /** New for each. */
  id: z.string(),
  made: z.iso.datetime(),
  bellhop: z.string(),
  /** Nothing ran while it was made. */
  quiet: z.boolean(),
  /** When it was begun: epoch milliseconds of the server's clock. */
  since: z.number(),
  parts: z.array(Part),
});
export type Manifest = z.infer<typeof Manifest>;

const manifestName = "manifest.json";
/** An entry's size stands before it, so what has no known length goes in pieces of so many bytes. */
const pieceSize = 4 * 1024 * 1024;

export interface ArchiveWriter {
  /** Adds a part in pieces. One that fails on the way leaves pieces that the manifest does not name. */
  add(part: Omit<Part, "pieces">, chunks: AsyncIterable<Uint8Array>): Promise<Part>;
  /** Only now there is a file of that name. */
  finish(manifest: Manifest): Promise<{ bytes: number }>;
  abandon(): Promise<void>;
}

/** Writes a tar file (mode 0600) beside its name, and gives it the name once it is whole. @throws Problem backup_exists */
export async function createArchive(file: string): Promise<ArchiveWriter> {
  const draft = `${file}.part`;
  const handle = await open(draft, "w", 0o600);
  await handle.chmod(0o600);
  const { readable, controller } = createTarPacker();
  let bytes = 0;
  const writing = (async () => {
    for await (const chunk of readable) {
      bytes += chunk.length;
      await handle.appendFile(chunk);
    }
  })();
  // A full disk is found by whoever adds next.
  writing.catch((error: unknown) => controller.error(error));
  let entries = 0;

  async function addEntry(name: string, content: Uint8Array): Promise<void> {
    const writer = controller.add({ name, size: content.length, mode: 0o600, mtime: new Date() }).getWriter();
    await writer.write(content);
    await writer.close();
  }

  return {
    async add(part, chunks) {
      const pieces: Part["pieces"] = [];
      const put = async (content: Uint8Array) => {
        const name = `${part.name}/${String(++entries).padStart(6, "0")}`;
        await addEntry(name, content);
        pieces.push({ name, bytes: content.length, sha256: sha256(content) });
      };
      let waiting: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of chunks) {
        waiting.push(chunk);
        size += chunk.length;
        if (size < pieceSize) continue;
        await put(Buffer.concat(waiting));
        [waiting, size] = [[], 0];
      }
      if (size > 0) await put(Buffer.concat(waiting));
      return { ...part, pieces };
    },
    async finish(manifest) {
      await addEntry(manifestName, new TextEncoder().encode(JSON.stringify(manifest, undefined, 1)));
      controller.finalize();
      await writing;
      await handle.sync();
      await handle.close();
      await link(draft, file).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "EEXIST" ? problem("backup_exists", { file }) : error;
      });
      await rm(draft);
      return { bytes };
    },
    async abandon() {
      controller.error(new Error("abandoned"));
      await writing.catch(() => undefined);
      await handle.close().catch(() => undefined);
      await rm(draft, { force: true });
    },
  };
}

export interface ArchiveReader {
  manifest: Manifest;
  /** The parts in the order in which they were added. Each is to be read to its end before the next. */
  parts(): AsyncIterable<{ part: Part; chunks: AsyncIterable<Uint8Array> }>;
}

/** Reads all of an archive once, and compares every piece with what the manifest says of it. @throws Problem backup_unreadable */
export async function openArchive(file: string): Promise<ArchiveReader> {
  const found = new Map<string, string>();
  let manifest: Manifest | undefined;
  try {
    for await (const { name, content } of entriesOf(file)) {
      if (name === manifestName) manifest = readManifest(file, content);
      else found.set(name, sha256(content));
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "backup_unreadable") throw error;
    throw unreadable(file, error instanceof Error ? error.message : String(error));
  }
  if (manifest === undefined) throw unreadable(file, "it has no end");
  for (const { name, pieces } of manifest.parts) {
    const bad = pieces.find((piece) => found.get(piece.name) !== piece.sha256);
    if (bad !== undefined) throw unreadable(file, `${name} is damaged (at ${bad.name})`);
  }
  return { manifest, parts: () => partsOf(file, manifest.parts) };
}

async function* partsOf(file: string, parts: readonly Part[]): AsyncGenerator<{ part: Part; chunks: AsyncIterable<Uint8Array> }> {
  const entries = entriesOf(file);
  try {
    for (const part of parts) yield { part, chunks: piecesOf(part, entries) };
  } finally {
    await entries.return(undefined);
  }
}

async function* piecesOf({ pieces }: Part, entries: AsyncGenerator<Entry>): AsyncGenerator<Uint8Array> {
  for (const { name } of pieces) {
    for (;;) {
      const next = await entries.next();
      if (next.done === true) throw new Error(`${name} is gone from the archive`);
      if (next.value.name !== name) continue;
      yield next.value.content;
      break;
    }
  }
}

interface Entry {
  name: string;
  content: Uint8Array;
}

async function* entriesOf(file: string): AsyncGenerator<Entry> {
  const bytes = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  for await (const { header, body } of bytes.pipeThrough(createTarDecoder())) {
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    yield { name: header.name, content: Buffer.concat(parts) };
  }
}

function readManifest(file: string, content: Uint8Array): Manifest {
  const value: unknown = JSON.parse(new TextDecoder().decode(content));
  const version = z.object({ v: z.int() }).safeParse(value).data?.v ?? 0;
  if (version > 1) throw unreadable(file, "a newer Bellhop made it", "Upgrade this one.");
  return Manifest.parse(value);
}

function unreadable(file: string, why: string, next = "Another backup may be whole. Nothing was changed."): Error {
  return problem("backup_unreadable", { file, why, next });
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
