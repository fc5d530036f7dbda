import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PackFiles, PackVersion } from "@bellhop/contracts";
import { z } from "zod";
import { canonical } from "./digest.ts";
import type { SourceFile } from "./folder.ts";

/** Changed when the same sources would give something else than before. */
const format = 8;

const Problem = z.object({ file: z.string(), line: z.int(), column: z.int(), message: z.string(), hint: z.string() });
const Entry = z.object({ version: PackVersion, files: PackFiles, warnings: z.array(Problem) });
type Entry = z.infer<typeof Entry>;

/** Names what a pack's sources give: its files and what the loader was asked. */
export function cacheKey(files: readonly SourceFile[], settings: unknown): string {
  const whole = createHash("sha256").update(canonical({ format, settings, node: process.versions.modules }));
  for (const { path, executable, bytes } of files) whole.update(`\0${path}\0${executable}\0${bytes.length}\0`).update(bytes);
  return whole.digest("hex");
}

export async function readCache(folder: string, key: string): Promise<Entry | undefined> {
  const file = join(folder, `${key}.json`);
  try {
    const entry = Entry.parse(JSON.parse(await readFile(file, "utf8")));
    const now = new Date();
    await utimes(file, now, now);
    return entry;
  } catch {
    return undefined;
  }
}

/** Best effort: a cache that can't be written costs time, nothing else. */
export async function writeCache(folder: string, key: string, entry: Entry): Promise<void> {
  const draft = join(folder, `${key}.${randomUUID()}.draft`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(draft, JSON.stringify(entry), { mode: 0o600 });
    await rename(draft, join(folder, `${key}.json`));
    await prune(folder);
  } catch {
    return;
  }
}

/** What Node keeps of the compiler lies among the entries. */
export const compilerFolder = "compiler";

/** How many entries stay: more than an installation has packs. */
const kept = 300;

/** Every edit leaves an entry behind; those that were used last stay. Their times are looked at now and then only: packs are written by the hundred. */
async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== compilerFolder);
  if (names.length < 2 * kept) return;
  const entries = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  const old = entries.toSorted((a, b) => b.at - a.at).slice(kept);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}
