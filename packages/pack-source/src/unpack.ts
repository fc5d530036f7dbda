import { createReadStream } from "node:fs";
import { mkdir, open, readdir, stat, symlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { codeOf, problem, Problem } from "@bellhop/contracts";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";

interface UnpackLimits {
  /** Of all that is in it, unpacked. */
  readonly bytes: number;
  readonly entries: number;
}

/** A loader takes 64 MB of a pack; the rest is tests and pictures, which stay behind. */
const usual: UnpackLimits = { bytes: 256 * 1024 * 1024, entries: 20_000 };

/** Unpacks a tar, compressed by gzip or not, into an empty folder: files, folders and links within it. Answers where in it the pack lies: npm and git hosts put
 *  everything into one folder.
 *  @throws Problem pack_archive_refused at the first entry that leads out, is something else, or is too much */
export async function unpack(
  archive: string,
  folder: string,
  { spec, limits = usual }: { spec: string; limits?: UnpackLimits },
): Promise<string> {
  try {
    const sink = (bytes: AsyncIterable<Uint8Array>) => write(counted(bytes, limits), folder, limits);
    const file = createReadStream(archive);
    await ((await isGzip(archive)) ? pipeline(file, createGunzip(), sink) : pipeline(file, sink));
  } catch (error) {
    if (error instanceof Refusal) throw problem("pack_archive_refused", { spec, why: error.message });
    if (error instanceof Problem) throw error;
    const code = codeOf(error);
    // What the disk says is no fault of the archive.
    if (code === "ENOSPC" || code === "EACCES" || code === "EROFS" || code === "EMFILE") throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw problem("pack_archive_refused", { spec, why: `it can't be read (${why})` }, { cause: error });
  }
  return await packIn(folder);
}

class Refusal extends Error {}

async function* counted(bytes: AsyncIterable<Uint8Array>, limits: UnpackLimits): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    if (total > limits.bytes) throw new Refusal(`unpacked it has more than ${Math.round(limits.bytes / 1024 / 1024)} MB`);
    yield chunk;
  }
}

async function write(bytes: AsyncIterable<Uint8Array>, folder: string, limits: UnpackLimits): Promise<void> {
  const links = new Map<string, string>();
  let entries = 0;
  for await (const { header, body } of ReadableStream.from(bytes).pipeThrough(createTarDecoder({ strict: true }))) {
    if (++entries > limits.entries) throw new Refusal(`it has more than ${limits.entries} entries`);
    const path = pathWithin(header.name);
    if (header.type === "directory") await mkdir(join(folder, path), { recursive: true });
    else if (header.type === "symlink") links.set(path, targetWithin(path, header.linkname ?? ""));
    else if (header.type === undefined || header.type === "file") await writeEntry(join(folder, path), header.mode ?? 0, body);
    else if (!header.type.startsWith("pax-")) throw new Refusal(`${path} is neither file nor folder, but a ${header.type}`);
    if (header.type !== "file" && header.type !== undefined) await body.cancel();
  }
  // Last, and none within another, so that nothing is ever written through one: step by step they could lead anywhere.
  for (const [path, target] of links) {
    const around = ancestors(path).find((folder) => links.has(folder));
    if (around !== undefined) throw new Refusal(`the link ${path} lies in another, ${around}`);
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(target, join(folder, path));
  }
}

async function writeEntry(path: string, mode: number, body: ParsedTarEntry["body"]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "w", (mode & 0o111) === 0 ? 0o644 : 0o755);
  try {
    for await (const chunk of body) await file.write(chunk);
  } finally {
    await file.close();
  }
}

function pathWithin(name: string): string {
  const path = posix.normalize(name);
  if (name.includes("\0") || name.includes("\\") || posix.isAbsolute(path) || path === ".." || path.startsWith("../"))
    throw new Refusal(`${JSON.stringify(name)} leads out of it`);
  return path;
}

function targetWithin(path: string, target: string): string {
  const end = posix.join(posix.dirname(path), target);
  if (target === "" || posix.isAbsolute(target) || end === ".." || end.startsWith("../"))
    throw new Refusal(`the link ${path} leads out of it, to ${JSON.stringify(target)}`);
  return target;
}

/** `a/b/c`: `a` and `a/b`. */
function ancestors(path: string): string[] {
  return path.split("/").flatMap((_, index, parts) => (index === 0 ? [] : [parts.slice(0, index).join("/")]));
}

async function isGzip(archive: string): Promise<boolean> {
  const file = await open(archive);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** The folder that has a pack in it: this one, or the only one in it. */
async function packIn(folder: string): Promise<string> {
  const isPack = async (path: string) => (await stat(join(path, "pack.yaml")).catch(() => undefined))?.isFile() === true;
  if (await isPack(folder)) return folder;
  const entries = await readdir(folder, { withFileTypes: true });
  const [only, ...others] = entries.filter((entry) => entry.isDirectory());
  return only === undefined || others.length > 0 ? folder : join(folder, only.name);
}
