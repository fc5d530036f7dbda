import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Bytes. Tests keep some hundred megabytes at most, but servers promise their streams more than they ever take. */
const enough = 8 * 1024 ** 3;

/** A folder of one's own in memory, or undefined where there is none to be had: no Linux, too little room (a container's is 64 MB), or one
 *  that runs no programs. */
export function folderInMemory({ parent = "/dev/shm", room = enough } = {}) {
  let path;
  try {
    const { bavail, bsize } = statfsSync(parent);
    if (bavail * bsize < room) return undefined;
    // Short, since sockets have their places in it, and such a name has 108 bytes.
    path = mkdtempSync(join(parent, "bh-"));
    // PostgreSQL, which refuses to run as root, finds its own folder in it.
    chmodSync(path, 0o711);
    const program = join(path, "program");
    writeFileSync(program, "#!/bin/sh\nexit 0\n");
    chmodSync(program, 0o700);
    if (spawnSync(program).status === 0) return { path, remove: () => remove(path) };
  } catch {
    // Not ours to write, or not there.
  }
  if (path !== undefined) remove(path);
  return undefined;
}

function remove(path) {
  // What a killed test left running may still write into it.
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
