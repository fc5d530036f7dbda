import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { createServer, connect, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { token } from "@bellhop/contracts";

/** A runner's name and the folder with what it must remember under that name, held by one process at a time. */
export interface Identity {
  id: string;
  /** The same after every start, and nobody else's on this machine: two installations may call their runners alike. */
  uniqueName: string;
  folder: string;
  release(): void;
}

/** Takes an identity under `<root>`: the one that is named, or the first that no living process has, or a new one. So a runner that was killed
 *  comes back as itself, and two that share a folder never share a name.
 *  @throws Error when a process has the named one */
export async function takeIdentity(root: string, named?: string, namedWaitMs = 5_000): Promise<Identity> {
  if (named !== undefined) {
    // Another runner may hold it for a moment, to bring what an earlier life left.
    for (const until = performance.now() + namedWaitMs; ; await delay(50)) {
      const taken = await take(root, token(named));
      if (taken !== undefined) return taken;
      if (performance.now() > until) throw new Error(`another process runs as ${named} in ${root}`);
    }
  }
  for (const id of known(root)) {
    const taken = await take(root, id);
    if (taken !== undefined) return taken;
  }
  const fresh = await take(root, `r${randomBytes(5).toString("hex")}`);
  if (fresh === undefined) throw new Error(`no name is left in ${root}`);
  return fresh;
}

/** Every other identity of this folder that no living process has: runners that did not come back. Whoever takes one must release it. */
export async function takeOrphans(root: string, own: string): Promise<Identity[]> {
  const taken = await Promise.all(
    known(root)
      .filter((id) => id !== own)
      .map((id) => take(root, id)),
  );
  return taken.filter((identity) => identity !== undefined);
}

/** Forgets an identity for good, once nothing is left to do for it. */
export function forget(identity: Identity): void {
  rmSync(identity.folder, { recursive: true, force: true });
  identity.release();
}

function known(root: string): string[] {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

/** A listening socket is the lock: the system closes it with its process, and nobody else can have the same one meanwhile. */
async function take(root: string, id: string): Promise<Identity | undefined> {
  const folder = join(root, id);
  const uniqueName = uniqueNameOf(root, id);
  // Linux knows names without a file. Elsewhere a killed process leaves its file behind.
  const path = process.platform === "linux" ? `\0bellhop-runner-${uniqueName}` : join(tmpdir(), `bellhop-runner-${uniqueName}`);
  const server = (await listen(path)) ?? (process.platform !== "linux" && (await isStale(path)) ? await listen(path) : undefined);
  if (server === undefined) return undefined;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { id, uniqueName, folder, release: () => void server.close() };
}

export function uniqueNameOf(root: string, id: string): string {
  return createHash("sha256").update(resolve(root, id)).digest("hex").slice(0, 24);
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((settle, fail) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? settle(undefined) : fail(error)));
    server.listen(path, () => {
      server.unref();
      settle(server);
    });
  });
}

function isStale(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(path, () => {
      socket.destroy();
      settle(false);
    });
    socket.once("error", () => {
      rmSync(path, { force: true });
      settle(true);
    });
  });
}
