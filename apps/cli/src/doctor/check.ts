import { Problem } from "@bellhop/contracts";

/** One thing that was looked at. */
export interface Check {
  name: string;
  /** `bad` makes doctor fail; `odd` is worth knowing. */
  state: "ok" | "odd" | "bad";
  found: string;
  /** What to do about it. */
  hint?: string;
}

/** Of checks that say nothing else. */
export const longestMs = 3_000;

/** Some checks that belong together: within their time, or one that says why not. */
export async function within(
  name: string,
  look: (signal: AbortSignal) => Promise<readonly Check[]>,
  ms = longestMs,
): Promise<readonly Check[]> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Check[]>((resolve) => {
    timer = setTimeout(() => {
      resolve([{ name, state: "odd", found: `no answer within ${ms / 1_000} s`, hint: "Try again when there is less to do." }]);
      over.abort();
    }, ms);
  });
  try {
    return await Promise.race([look(over.signal), late]);
  } catch (error) {
    if (error instanceof Problem) return [{ name, state: "bad", found: error.message, hint: error.hint }];
    const found = `it can't be asked: ${error instanceof Error ? error.message : String(error)}`;
    return [{ name, state: "bad", found, hint: "Can it be reached from this machine? A proxy or a firewall may stand between." }];
  } finally {
    clearTimeout(timer);
  }
}

/** Of a clock: `aheadMs` is how far this machine's is ahead. */
export function clockCheck(of: string, aheadMs: number): Check {
  const name = "clock";
  const text = `${Math.abs(aheadMs / 1_000).toFixed(1)} s ${aheadMs < 0 ? "behind" : "ahead of"} ${of}`;
  if (Math.abs(aheadMs) < oddSkewMs) return { name, state: "ok", found: `as that of ${of}` };
  return {
    name,
    state: Math.abs(aheadMs) < badSkewMs ? "odd" : "bad",
    found: text,
    hint: "Nothing is decided by comparing clocks, but times that people read are off, and timers late or early: let a time service set this machine's (timedatectl).",
  };
}

/** Platforms say whole seconds. */
const oddSkewMs = 3_000;
const badSkewMs = 60_000;
