import { setTimeout as pause } from "node:timers/promises";
import type { Durations } from "@bellhop/contracts";
import { createPace, monotonic, type Lane } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { failureOf } from "./failure.ts";
import type { Pages } from "./history.ts";
import { readingLane, urgentPlaces, type LaneName } from "./lanes.ts";
import type { WebClient } from "./sdk.ts";

export interface ReadingOptions {
  client: WebClient;
  /** How long reading should wait, in milliseconds, so that what people wait for goes first. */
  busyMs: () => number;
  durations: Durations;
  log: Log;
  /** Aborted when we stop. */
  over: AbortSignal;
}

/** What Slack keeps, read as fast as it lets us. What can't be had is left out. */
export interface Reading {
  /** Every channel that we are in. */
  channels(): AsyncIterable<string>;
  /** Histories and threads. @param calm aborted once somebody waits for them: from then on they are also read in the lanes for that */
  pages(calm: AbortSignal): Pages;
  /** Whether there is room at once for what somebody waits for. */
  isFree(): boolean;
}

interface Turn {
  readonly lane: Lane;
  readonly end: () => void;
}

export function readAtItsPace({ client, busyMs, durations, log, over }: ReadingOptions): Reading {
  const pace = createPace({ clock: monotonic, paced: true, most: 4, minuteMs: durations.platformMinute });
  const lacking = new Set<string>();

  return {
    async *channels() {
      for (const types of ["im", "mpim", "private_channel", "public_channel"]) {
        for (let cursor: string | undefined; ;) {
          const page = await asked("users.conversations", () =>
            client.users.conversations({ types, exclude_archived: true, limit: 200, cursor }),
          );
          for (const { id } of page?.channels ?? []) if (id !== undefined) yield id;
          cursor = page?.response_metadata?.next_cursor || undefined;
          if (cursor === undefined) break;
        }
      }
    },
    pages: (calm) => ({
      history: (channel, oldest, cursor) =>
        asked("conversations.history", () => client.conversations.history({ channel, oldest, limit: 200, cursor }), calm),
      replies: (channel, ts, oldest, cursor) =>
        asked("conversations.replies", () => client.conversations.replies({ channel, ts, oldest, limit: 200, cursor }), calm),
    }),
    isFree() {
      const end = pace.try([urgentPlaces]);
      end?.();
      return end !== undefined;
    },
  };

  /** Asks at Slack's pace until there is an answer. Undefined where there will be none, or it is time to stop. */
  async function asked<Answer>(method: LaneName, call: () => Promise<Answer>, calm = over): Promise<Answer | undefined> {
    const calmly = AbortSignal.any([calm, over]);
    for (let failures = 0; !over.aborted;) {
      const turn = calm.aborted ? await eitherTurn(method) : await turnIn(readingLane(method, "calm"), calmly);
      // It stopped waiting because it is urgent now.
      if (turn === undefined) continue;
      const { lane, end } = turn;
      try {
        for (let ms = busyMs(); ms > 0 && !calmly.aborted; ms = busyMs()) await pause(ms, undefined, { signal: calmly }).catch(() => {});
        return await call();
      } catch (error) {
        const failure = failureOf(error, method);
        if (failure.kind === "refused") return refused(method, failure.why);
        const waits = failure.kind === "unavailable" ? failure.retryAfterMs : undefined;
        log.debug({ method, why: failure.why, waits }, "the history has to wait");
        if (waits === undefined) await rest({ failures: (failures += 1), over });
        else pace.shut({ lane: lane.name, ms: waits });
      } finally {
        end();
      }
    }
    return undefined;
  }

  async function turnIn(lane: Lane, until: AbortSignal): Promise<Turn | undefined> {
    const end = await pace.wait([lane], until);
    return end && { lane, end };
  }

  /** In whichever lane it comes first. */
  async function eitherTurn(method: LaneName): Promise<Turn | undefined> {
    const decided = new AbortController();
    const until = AbortSignal.any([decided.signal, over]);
    const turns = (["urgent", "calm"] as const).map((haste) => turnIn(readingLane(method, haste), until));
    const first = await Promise.race(turns);
    decided.abort();
    for (const turn of await Promise.all(turns)) if (turn !== first) turn?.end();
    return first;
  }

  /** Said once for each permission: what it is for stays unheard. */
  function refused(method: string, why: string): undefined {
    const scope = /^missing_scope: (.*)/.exec(why)?.[1];
    if (scope === undefined) log.debug({ method, why }, "a history can't be read");
    else if (!lacking.has(scope)) log.warn({ method, scope }, "Slack did not grant a scope: what was missed there stays unheard");
    if (scope !== undefined) lacking.add(scope);
    return undefined;
  }
}

/** Waits the longer the more failures there were, half a minute at most. */
export async function rest({ failures, over }: { failures: number; over: AbortSignal }): Promise<void> {
  await pause(Math.min(30_000, failures * failures * 250), undefined, { signal: over }).catch(() => {});
}
