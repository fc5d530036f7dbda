import { readdirSync, statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname, join, sep } from "node:path";

/** Tells when something in a folder may have changed, all the way down, or the folder itself came, went or was replaced: as an editor or a git checkout
 *  may do. What starts with a dot and `node_modules` are passed over.
 *
 *  Each folder is watched by itself. Node's recursive watch follows files on Linux, not names: it misses the second time that a file is moved into the
 *  place of another, which is how many editors save. */
export function listenTo(folder: string, changed: () => void): { stop(): void } {
  const watchers = new Map<string, FSWatcher>();

  /** Watched before it is looked through, so that what comes in between is seen in one way or the other. */
  function listen(at: string): void {
    if (watchers.has(at)) return;
    try {
      const watcher = watch(at, (event, name) => heard({ at, event, name }));
      // It was taken away: the watcher of the one around it goes on.
      watcher.on("error", changed);
      watchers.set(at, watcher);
      for (const entry of readdirSync(at, { withFileTypes: true }))
        if (entry.isDirectory() && isInteresting(entry.name)) listen(join(at, entry.name));
    } catch {
      // It is gone again, or the system has no watch left: the others are listened to.
    }
  }

  function heard({ at, event, name }: { at: string; event: string; name: string | null }): void {
    if (name !== null && !isInteresting(name)) return;
    if (name !== null && event === "rename") renew(join(at, name));
    changed();
  }

  /** Whatever has this name now may be another folder than before, or one where there was none. */
  function renew(path: string): void {
    for (const [at, watcher] of watchers) {
      if (at !== path && !at.startsWith(path + sep)) continue;
      watcher.close();
      watchers.delete(at);
    }
    if (isFolder(path)) listen(path);
  }

  const around = dirname(folder);
  try {
    const watcher = watch(around, (_, name) => {
      if (name !== null && name !== basename(folder)) return;
      renew(folder);
      changed();
    });
    watcher.on("error", changed);
    watchers.set(around, watcher);
  } catch {
    // Without it the folder is listened to all the same, as long as it stays.
  }
  listen(folder);
  return {
    stop() {
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

function isInteresting(name: string): boolean {
  return name !== "node_modules" && !name.startsWith(".");
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
