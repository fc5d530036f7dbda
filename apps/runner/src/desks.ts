import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { lstat, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Bus } from "@bellhop/bus";
import { attemptKey, FileRef, limits, objectStores, Problem, problem, type AttemptRef } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import { mediaType, mostAttached, safeName, type ActionFile } from "@bellhop/sdk/host";
import { z } from "zod";
import { maskBytes, maskText } from "./secrets.ts";

/** A file that an action left for people to have. It lies in the attempt's desk until it is stored. */
export const LeftFile = FileRef.omit({ object: true }).extend({
  /** Its name on the desk; absent where it is lost. */
  file: z.string().optional(),
});
export type LeftFile = z.infer<typeof LeftFile>;

/** An attempt's own folder: what came with the command lies there, and what the action leaves for people to have. */
export interface Desk {
  readonly attempt: AttemptRef;
  readonly files: readonly ActionFile[];
  /** Where they lie, and where the action leaves its own. Neither need be there. */
  readonly folders: { readonly files: string; readonly attach: string };
  /** Makes both folders, for a program that looks for them. */
  make(): void;
  /** Says that something may lie there which was not made here. */
  used(): void;
}

/** The desks of one runner, under one folder. Most attempts need none, so none is made before something is to lie on it. */
export interface Desks {
  /** Lays out what came with the command. What was lost on the way is not there. @throws Problem file_unreadable */
  lay(attempt: AttemptRef, files?: readonly FileRef[]): Promise<Desk>;
  /** What lies there to be attached, by name, at most {@link mostAttached} files, secrets masked. Never throws. */
  gather(desk: Desk, at: { types?: Readonly<Record<string, string>>; secrets: readonly string[] }): Promise<LeftFile[]>;
  /** Puts it into the object store. Safe to repeat. */
  store(attempt: AttemptRef, left: readonly LeftFile[]): Promise<FileRef[]>;
  /** Takes a desk away with all that lies there. */
  clear(attempt: AttemptRef): Promise<void>;
  /** Takes away what earlier lives left, but for these. */
  sweep(except: readonly AttemptRef[]): Promise<void>;
}

export function openDesks(at: { folder: string; bus: Bus; log: Log }): Desks {
  const { bus, log } = at;
  const root = resolve(at.folder);
  const made = new Set(existsSync(root) ? readdirSync(root) : []);
  const objects = bus.objects(objectStores.values);
  const inTurn = oneAtATime();

  function deskOf(attempt: AttemptRef, files: readonly ActionFile[]): Desk {
    const key = attemptKey(attempt);
    const folders = { files: join(root, key, "files"), attach: join(root, key, "attach") };
    const used = () => void made.add(key);
    return {
      attempt,
      files,
      folders,
      used,
      make() {
        used();
        for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
      },
    };
  }

  async function remove(key: string): Promise<void> {
    if (!made.delete(key)) return;
    await rm(join(root, key), { recursive: true, force: true }).catch((error: unknown) =>
      log.warn({ error: String(error) }, "a desk can't be cleared: the next start tries again"),
    );
  }

  return {
    async lay(attempt, files = []) {
      const laid: ActionFile[] = [];
      const desk = deskOf(attempt, laid);
      const taken = new Set<string>();
      for (const { name: given, type, object } of files) {
        if (object === undefined) continue;
        desk.make();
        const name = safeName(given, taken);
        const path = join(desk.folders.files, name);
        const bytes = await inTurn(async () => {
          const content = await contentOf(given, object);
          await writeFile(path, content, { mode: 0o600 });
          return content.length;
        });
        laid.push({ name, type, bytes, path });
      }
      return desk;
    },
    async gather({ attempt, folders }, { types = {}, secrets }) {
      if (!made.has(attemptKey(attempt)) || !existsSync(folders.attach)) return [];
      try {
        const entries = await readdir(folders.attach, { withFileTypes: true });
        const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).map(({ name }) => name);
        return await leftOf(folders.attach, { names: names.toSorted(), types, secrets });
      } catch (error) {
        log.warn({ ...attempt, error: String(error) }, "what an action left can't be read");
        return [];
      }
    },
    async store(attempt, left) {
      const stored: FileRef[] = [];
      for (const { file, ...ref } of left) {
        const path = file === undefined ? undefined : join(root, attemptKey(attempt), "attach", file);
        stored.push(path === undefined ? ref : { ...ref, ...(await inTurn(async () => await put(path))) });
      }
      return stored;
    },
    clear: async (attempt) => await remove(attemptKey(attempt)),
    async sweep(except) {
      const kept = new Set(except.map(attemptKey));
      for (const key of made) if (!kept.has(key)) await remove(key);
    },
  };

  async function contentOf(file: string, object: string): Promise<Uint8Array> {
    const unreadable = (why: string, cause?: unknown) => problem("file_unreadable", { file, why }, { cause });
    const bytes = await objects.get(object).catch((cause: unknown) => {
      throw unreadable(cause instanceof Problem ? cause.message : String(cause), cause);
    });
    if (bytes === undefined) throw unreadable("it is gone from the object store");
    if (sha256(bytes) !== object) throw unreadable("it is damaged");
    return bytes;
  }

  async function put(path: string): Promise<Pick<FileRef, "bytes" | "object" | "lost">> {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) return { bytes: 0, lost: "unreadable" };
    // What the action started may have written on.
    if (bytes.length > limits.file) return { bytes: bytes.length, lost: "too_large" };
    const object = sha256(bytes);
    await objects.put(object, bytes);
    return { bytes: bytes.length, object };
  }
}

async function leftOf(
  folder: string,
  { names, types, secrets }: { names: readonly string[]; types: Readonly<Record<string, string>>; secrets: readonly string[] },
): Promise<LeftFile[]> {
  const taken = new Set<string>();
  const left: LeftFile[] = [];
  const sizes = await Promise.all(names.map(async (name) => (await lstat(join(folder, name)).catch(() => undefined))?.size));
  for (const [index, file] of names.slice(0, mostAttached).entries()) {
    const bytes = sizes[index];
    const name = safeName(maskText(file, secrets), taken);
    const about = { name, type: types[file] ?? mediaType(name), bytes: bytes ?? 0 };
    if (bytes === undefined) left.push({ ...about, lost: "unreadable" });
    else if (bytes > limits.file) left.push({ ...about, lost: "too_large" });
    else {
      await maskFile(join(folder, file), secrets);
      left.push({ ...about, file });
    }
  }
  const more = sizes.slice(mostAttached);
  if (more.length === 0) return left;
  const bytes = more.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const name = more.length === 1 ? "1 more file" : `${more.length} more files`;
  return [...left, { name, type: "application/octet-stream", bytes, lost: "too_many" }];
}

async function maskFile(path: string, secrets: readonly string[]): Promise<void> {
  if (secrets.length === 0) return;
  const bytes = await readFile(path);
  const masked = maskBytes(bytes, secrets);
  if (masked !== bytes) await writeFile(path, masked);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Each file is in memory whole on its way: one of them at a time. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}
