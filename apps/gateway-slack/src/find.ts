import { hash } from "@bellhop/contracts";
import type { Place, Resolution } from "@bellhop/gateway";
import { failureOf } from "./failure.ts";
import { findLane } from "./lanes.ts";
import type { WebClient } from "./sdk.ts";

/** What stands under one key, the first first: messages by their ts, files by their ids. */
export type Standings = readonly { readonly ref: string; readonly ts: string }[];

/** Under which our key stands in a message's metadata. */
const metadataType = "bellhop_send";

/** The key of a message, where no person sees it and we find it again. */
export function metadataOf({ key, revision }: Pick<Place, "key" | "revision">) {
  return { event_type: metadataType, event_payload: { key, revision } };
}

/** Uploads take no metadata: the key of a file is that of the block above it. */
export function blockIdOf({ key }: Pick<Place, "key">): string {
  return `bellhop_${hash(key).slice(0, 32)}`;
}

/** Looks for everything under this key where it would stand: in its thread, or in the conversation.
 *  @param since milliseconds since the epoch, by whoever's clock: an hour is read more, which costs a page at most */
export async function look(
  client: WebClient,
  { to, key, since }: Pick<Place, "to" | "key"> & { since: number },
): Promise<{ kind: "looked"; standing: Standings } | Exclude<Resolution, { kind: "sent" | "not-there" }>> {
  const { channel, thread } = to;
  const oldest = String(Math.floor(since / 1000) - 3_600);
  const shared = { channel, oldest, limit: 200, include_all_metadata: true };
  const standing: { ref: string; ts: string }[] = [];
  try {
    for (let cursor: string | undefined; ;) {
      const page = thread
        ? await client.conversations.replies({ ...shared, ts: thread, cursor })
        : await client.conversations.history({ ...shared, cursor });
      for (const message of page.messages ?? []) {
        const ref = refUnder(key, message);
        if (ref !== undefined && message.ts !== undefined) standing.push({ ref, ts: message.ts });
      }
      cursor = page.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return { kind: "looked", standing: standing.sort((a, b) => Number(a.ts) - Number(b.ts)) };
    }
  } catch (error) {
    const failure = failureOf(error, findLane(to));
    if (failure.kind !== "refused") return { ...failure, kind: "unavailable" };
    return gone.has(failure.why) ? { kind: "looked", standing: [] } : { kind: "unavailable", why: failure.why };
  }
}

/** Where the conversation is gone, so is whatever was sent there. */
const gone: ReadonlySet<string> = new Set(["channel_not_found", "thread_not_found", "not_in_channel"]);

/** As the history shows a message. */
interface Shown {
  metadata?: { event_type?: string; event_payload?: unknown };
  blocks?: { block_id?: string }[];
  files?: { id?: string }[];
}

function refUnder(key: string, message: Shown & { ts?: string }): string | undefined {
  const payload = message.metadata?.event_type === metadataType ? message.metadata.event_payload : undefined;
  if (typeof payload === "object" && payload !== null && "key" in payload && payload.key === key) return message.ts;
  const id = blockIdOf({ key });
  return message.blocks?.some(({ block_id }) => block_id === id) ? message.files?.[0]?.id : undefined;
}
