import type { Target } from "../targets.ts";
import { openShellDisk } from "./shell.ts";
import { openSimulatedDisk } from "./simulated.ts";

/** A target's disk, however it is reached. What goes wrong is thrown as ActionFailed, in words for people. */
export interface Disk {
  usage(): Promise<Usage>;
  /** Regular files in these folders and below, on the same disk; links are not followed. A folder that is not there has none. */
  files(folders: readonly string[]): Promise<DiskFile[]>;
  /** Those that are gone already are no fault. */
  remove(paths: readonly string[]): Promise<void>;
}

/** In bytes. */
export interface Usage {
  readonly size: number;
  readonly used: number;
  /** As df has it: of what is there for everybody. */
  readonly percent: number;
}

export interface DiskFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was written last, in epoch milliseconds. */
  readonly writtenAt: number;
}

export function openDisk(target: Target, signal: AbortSignal): Disk {
  return target.quota === undefined ? openShellDisk(target, signal) : openSimulatedDisk({ path: target.path, quota: target.quota });
}
