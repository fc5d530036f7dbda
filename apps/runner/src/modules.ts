import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { unpackTar } from "modern-tar/fs";

/** Writes a pack's dependencies, a gzipped tar, aside and moves them into place whole, once it is sure that they are what their name says. */
export async function unpackModules(tar: Uint8Array, { hash, folder }: { hash: string; folder: string }): Promise<void> {
  const draft = `${folder}.${process.pid}.${randomBytes(4).toString("hex")}.new`;
  const found = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Buffer, _, done) {
      found.update(chunk);
      done(undefined, chunk);
    },
  });
  try {
    await mkdir(draft, { recursive: true });
    const files = unpackTar(draft, { strict: true, filter: ({ type = "file" }) => type === "file" || type === "directory" });
    await pipeline([tar], createGunzip(), hashing, files);
    const is = found.digest("hex");
    if (is !== hash) throw new Error(`the dependencies stored as ${hash} are ${is}`);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another runner of this machine was quicker with the same.
    if (!existsSync(folder)) throw error;
  }
}
