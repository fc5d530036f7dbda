import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A pack folder with these files for the length of a test. A name that ends in `*` is executable. */
export async function writePack(files: Record<string, string>, into?: string): Promise<string> {
  const folder = into ?? (await emptyFolder());
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name.replace(/\*$/, ""));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    if (name.endsWith("*")) await chmod(path, 0o755);
  }
  return folder;
}

export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-pack-"));
  // A child that was ended may still write what it compiled into a cache in here.
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return folder;
}
