import type { DiskFile } from "./disks/disk.ts";
import { isWithin } from "./targets.ts";

/** What one cleaning may remove. */
export interface Bounds {
  readonly folders: readonly string[];
  /** Bytes that are to go; 0 where the goal is reached. */
  readonly wanted: number;
  /** Files written after this stay; epoch milliseconds. */
  readonly writtenBefore: number;
  readonly mostFiles: number;
  readonly mostBytes: number;
}

export interface Picked {
  readonly files: readonly DiskFile[];
  readonly bytes: number;
  /** `goal`: as much as was wanted. `bounds`: more would be too much at once. `nothing-left`: there is no more that may go. */
  readonly ends: "goal" | "bounds" | "nothing-left";
}

/** The files that go: the oldest first, no more than are needed. What lies outside the folders is never among them, whoever listed it. */
export function pick(files: readonly DiskFile[], bounds: Bounds): Picked {
  const { folders, wanted, writtenBefore, mostFiles, mostBytes } = bounds;
  const allowed = files
    .filter(({ path, writtenAt }) => writtenAt < writtenBefore && isWithin(path, folders))
    .toSorted((a, b) => a.writtenAt - b.writtenAt || (a.path < b.path ? -1 : 1));
  const picked: DiskFile[] = [];
  let bytes = 0;
  for (const file of allowed) {
    if (bytes >= wanted) break;
    if (picked.length >= mostFiles || bytes + file.bytes > mostBytes) return { files: picked, bytes, ends: "bounds" };
    picked.push(file);
    bytes += file.bytes;
  }
  return { files: picked, bytes, ends: bytes >= wanted ? "goal" : "nothing-left" };
}
