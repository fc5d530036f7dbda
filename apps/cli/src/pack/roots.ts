import { existsSync, readdirSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isPack } from "./folders.ts";

/** Changes come in bursts, and each costs a look at every folder. */
const quietMs = 20;

/** Tells when there may be a pack more: in one of these folders, also where that is not there yet. Packs that are there already are
 *  `watchPacks`' business. A folder beside them is listened to until it is a pack, since a new one is empty at first. */
export function watchRoots(roots: readonly string[], changed: () => void): { stop(): void } {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function look(): void {
    if (stopped) return;
    const wanted = new Set(roots.flatMap(foldersToWatch));
    for (const folder of watchers.keys()) if (!wanted.has(folder)) drop(folder);
    const fresh = [...wanted].filter((folder) => !watchers.has(folder) && listen(folder));
    // What came into a folder before it was listened to.
    if (fresh.length > 0) soon();
  }

  function listen(folder: string): boolean {
    try {
      const watcher = watch(folder, (_, file) => {
        // Of its own name: it was taken away, and the next one of that name is another folder.
        if (file === basename(folder)) drop(folder);
        soon();
      });
      watcher.on("error", () => {
        drop(folder);
        soon();
      });
      watchers.set(folder, watcher);
      return true;
    } catch {
      // It went, or the system has no watch left: the other folders are listened to.
      return false;
    }
  }

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  function soon(): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      look();
      changed();
    }, quietMs);
  }

  look();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

function foldersToWatch(root: string): string[] {
  if (!existsSync(root)) return [nearestThere(root)];
  if (isPack(root)) return [];
  const inside = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
    .map((entry) => join(root, entry.name));
  return [root, ...inside.filter((folder) => !isPack(folder))];
}

function nearestThere(folder: string): string {
  const around = dirname(folder);
  return existsSync(around) || around === folder ? around : nearestThere(around);
}
