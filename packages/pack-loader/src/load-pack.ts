import type { PackFiles, PackVersion } from "@bellhop/contracts";
import type { PackProblem } from "./problem.ts";

export interface LoadedPack {
  readonly kind: "loaded";
  readonly version: PackVersion;
  readonly files: PackFiles;
  readonly warnings: readonly PackProblem[];
}
export interface FaultyPack {
  readonly kind: "faulty";
  readonly problems: readonly PackProblem[];
}

export interface LoadOptions {
  /** Kinds of action that runners here carry out. Default: {@link defaultKinds}. */
  readonly kinds?: readonly string[];
  /** Where loaded versions are kept by the hash of their sources, so that an unchanged pack needs no child process; absent: nowhere. */
  readonly cacheFolder?: string;
  /** How long a pack's TypeScript may take to define what it defines, in milliseconds. Default 10 000. */
  readonly timeLimitMs?: number;
  /** Memory of the child process, in MB. Default 256. */
  readonly memoryMb?: number;
}

/** The kinds that the runner of this release has. */
export const defaultKinds: readonly string[] = ["typescript", "local-shell-cmd", "local-shell-script"];

/** Reads a pack folder, whichever spelling it uses, and checks all of it: every problem is reported, not the first one only. Never throws for
 *  what is wrong with a pack. TypeScript definitions are read in a child process. */
export async function loadPack(folder: string, options: LoadOptions = {}): Promise<LoadedPack | FaultyPack> {
  void options;
  return { kind: "faulty", problems: [{ file: "pack.yaml", line: 1, column: 1, message: `${folder} can't be read yet`, hint: "" }] };
}
