import { problem } from "@bellhop/contracts";

/** 2.9 and older lose acknowledgements that they had confirmed when they are killed with -9. */
export const oldestServer = "2.10.0";

/** Throws `nats_version` for a server that is too old to keep the delivery promise. `version` as in its INFO ("2.10.27", "2.15.0-RC.1"). */
export function assertServerVersion(version: string, url: string): void {
  if (!isNewEnough(version)) throw problem("nats_version", { version, url });
}

export function isNewEnough(version: string): boolean {
  return compareVersions(version, oldestServer) >= 0;
}

/** Compares major, minor and patch; whatever follows them (pre-release, distribution) does not count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (const at of [0, 1, 2]) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  // Debian puts an epoch before ("1:2.10") and its revision behind ("2.10.27-1+b2").
  return (/(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? []).slice(1).map(Number);
}
