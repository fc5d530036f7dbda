import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isGone, processIdentity } from "@bellhop/service";
import { z } from "zod";

/** One process's file in `<folder>/spool`: a line that says whose it is, then what was heard, a line each. Files that came with messages lie beside it,
 *  under names that begin like its own. This user alone may read them: people's words are in them. */
export interface SpoolFile {
  /** Bytes that are not dealt with. */
  readonly bytes: number;
  readonly isEmpty: boolean;
  /** Resolves when the line is on the disk; lines that come together share a flush. */
  append(line: string): Promise<void>;
  /** Some of the lines that follow, none at the end. A last line that was cut short is none. */
  next(): Promise<readonly string[]>;
  /** What `next` gave is dealt with. */
  advance(): void;
  /** A name for a file that comes with a message. */
  beside(): string;
  /** Gives back the room of what is dealt with, where that is everything. */
  clear(): Promise<void>;
  /** Leaves it to whoever comes next, or takes it away where it is empty and nobody else's. */
  close(): Promise<void>;
}

const Head = z.object({
  spool: z.literal(1),
  host: z.string(),
  process: z.object({ boot: z.string(), pid: z.int(), started: z.string() }).optional(),
  at: z.iso.datetime(),
});
type Head = z.infer<typeof Head>;

/** What this process has open: its own files and those it took over. */
const inUse = new Set<string>();

export async function createSpoolFile(folder: string): Promise<SpoolFile> {
  const place = await placeIn(folder);
  const name = `${randomBytes(6).toString("hex")}.jsonl`;
  const path = join(place, name);
  inUse.add(path);
  const head: Head = { spool: 1, host: hostname(), process: processIdentity(), at: new Date().toISOString() };
  // Under its name only when it says whose it is.
  const handle = await open(`${path}.new`, "wx+", 0o600);
  const start = await writeAndFlush(handle, `${JSON.stringify(head)}\n`, 0);
  await rename(`${path}.new`, path);
  await flushFolder(place);
  return spoolFile({ place, name, handle, start, end: start });
}

/** The files of processes that are gone, oldest first, and of those that nobody can tell from here whether they live: what is published twice does no
 *  harm, what is never published does. The latter stay where they are, since their process may still write to them. */
export async function takeOverSpoolFiles(folder: string): Promise<SpoolFile[]> {
  const place = await placeIn(folder);
  const found: { at: string; file: SpoolFile }[] = [];
  for (const name of await readdir(place)) {
    const path = join(place, name);
    if (!name.endsWith(".jsonl") || inUse.has(path)) continue;
    inUse.add(path);
    const taken = await takeOver(place, name).catch(() => undefined);
    if (taken === undefined) inUse.delete(path);
    else found.push(taken);
  }
  return found.toSorted((a, b) => (a.at < b.at ? -1 : 1)).map(({ file }) => file);
}

/** Undefined where its process lives, or it is no spool. */
async function takeOver(place: string, name: string): Promise<{ at: string; file: SpoolFile } | undefined> {
  const handle = await open(join(place, name), "r+");
  try {
    const { size: end, mtimeMs } = await handle.stat();
    const [line = ""] = (await linesFrom(handle, 0, end)).lines;
    const { data: head } = Head.safeParse(parsed(line));
    const owner = head && ownerOf(head);
    if (head !== undefined && owner !== "living") {
      const stays = owner === "unknown" && Date.now() - mtimeMs < unknownKept;
      return { at: head.at, file: spoolFile({ place, name, handle, start: Buffer.byteLength(line) + 1, end, stays }) };
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** Gone, too, are all processes of an earlier start of this machine, and this one where it has closed its file. */
function ownerOf({ host, process: owner }: Head): "gone" | "living" | "unknown" {
  const self = processIdentity();
  if (owner === undefined) return "unknown";
  if (isGone(owner)) return "gone";
  if (owner.boot === self?.boot) return owner.pid === self.pid ? "gone" : "living";
  return host === hostname() ? "gone" : "unknown";
}

/** What nobody has written to for a week has no owner, in milliseconds. */
const unknownKept = 7 * 86_400_000;

function spoolFile(at: { place: string; name: string; handle: FileHandle; start: number; end: number; stays?: boolean }): SpoolFile {
  const { place, name, handle, start, stays = false } = at;
  const stem = name.slice(0, -".jsonl".length);
  let { end } = at;
  let done = start;
  let given = start;
  let waiting: { line: string; told: PromiseWithResolvers<void> }[] = [];
  /** Bytes of what is being written or waits for that. */
  let queued = 0;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  }

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    const text = batch.map(({ line }) => `${line}\n`).join("");
    try {
      end = await writeAndFlush(handle, text, end);
      for (const { told } of batch) told.resolve();
    } catch (error) {
      // What was written of it would run into the next line.
      await handle.truncate(end).catch(() => {});
      for (const { told } of batch) told.reject(error);
    } finally {
      queued -= Buffer.byteLength(text);
    }
  }

  return {
    get bytes() {
      return end - done + queued;
    },
    get isEmpty() {
      return done === end && queued === 0;
    },
    append(line) {
      const told = Promise.withResolvers<void>();
      queued += Buffer.byteLength(line) + 1;
      if (waiting.push({ line, told }) === 1) void inTurn(flush);
      return told.promise;
    },
    next: () =>
      inTurn(async () => {
        const { lines, next } = await linesFrom(handle, done, end);
        given = next;
        if (lines.length === 0) done = next;
        return lines;
      }),
    advance() {
      done = given;
    },
    beside: () => join(place, `${stem}-${randomBytes(6).toString("hex")}.file`),
    clear: () =>
      inTurn(async () => {
        if (done < end) return;
        await handle.truncate(start);
        done = given = end = start;
      }),
    close: () =>
      inTurn(async () => {
        await handle.close();
        // One that stays was read, and need not be again.
        if (stays) return;
        if (done === end) for (const each of await readdir(place)) if (each.startsWith(stem)) await rm(join(place, each), { force: true });
        inUse.delete(join(place, name));
      }),
  };
}

/** Whole lines from an offset on, about a quarter of a megabyte of them, and where the next one begins. */
async function linesFrom(handle: FileHandle, from: number, end: number): Promise<{ lines: string[]; next: number }> {
  for (let size = 256 * 1024; ; size *= 4) {
    const length = Math.min(size, end - from);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
    const cut = buffer.subarray(0, bytesRead).lastIndexOf("\n");
    if (cut >= 0) return { lines: buffer.toString("utf8", 0, cut).split("\n"), next: from + cut + 1 };
    if (length === end - from) return { lines: [], next: end };
  }
}

/** @returns where the next text goes */
async function writeAndFlush(handle: FileHandle, text: string, position: number): Promise<number> {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;)
    written += (await handle.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  await handle.datasync();
  return position + bytes.length;
}

async function placeIn(folder: string): Promise<string> {
  const place = join(folder, "spool");
  await mkdir(place, { recursive: true, mode: 0o700 });
  return place;
}

/** A new name is on the disk only when its folder is. */
async function flushFolder(place: string): Promise<void> {
  const handle = await open(place, "r");
  await handle.sync();
  await handle.close();
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
