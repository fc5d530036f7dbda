import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { packTar } from "modern-tar/fs";

/** The most that a pack's dependencies may have together, in bytes: runners unpack all of it. */
const largest = 256 * 1024 * 1024;

export type Packed = { kind: "packed"; hash: string; native: boolean } | { kind: "large"; bytes: number };

/** Writes a folder's `node_modules` into a gzipped tar: files only, without times and owners, so that the same files give the same bytes. The hash is
 *  of the tar itself: how it is squeezed differs with the release of zlib. */
export async function packModules(folder: string, target: string): Promise<Packed> {
  const files = (await filesIn(folder, "node_modules")).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > largest) return { kind: "large", bytes };
  const sources = files.map(({ path, executable }) => ({
    type: "file" as const,
    source: join(folder, path),
    target: path,
    mode: executable ? 0o755 : 0o644,
    mtime: new Date(0),
    uid: 0,
    gid: 0,
  }));
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(undefined, chunk);
    },
  });
  await pipeline(packTar(sources), hashing, createGzip(), createWriteStream(target, { mode: 0o600 }));
  return { kind: "packed", hash: hash.digest("hex"), native: files.some(({ path }) => isNative(path)) };
}

/** Those in `prebuilds/` lie there for each platform: prebuildify's way. */
function isNative(path: string): boolean {
  return path.endsWith(".node") && !path.includes("/prebuilds/");
}

/** Left out are npm's own notes and links to programs, which are for this machine, and links at all, which could lead anywhere. */
async function filesIn(folder: string, at: string): Promise<{ path: string; executable: boolean; bytes: number }[]> {
  const found: { path: string; executable: boolean; bytes: number }[] = [];
  const installed = at.endsWith("node_modules");
  for (const entry of await readdir(join(folder, at), { withFileTypes: true })) {
    if (installed && entry.name.startsWith(".")) continue;
    const path = `${at}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesIn(folder, path)));
    else if (entry.isFile()) {
      const { mode, size } = await stat(join(folder, path));
      found.push({ path, executable: (mode & 0o111) !== 0, bytes: size });
    }
  }
  return found;
}
