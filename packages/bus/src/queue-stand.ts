import { streamState } from "./contents.ts";
import { nextMessage, type Link } from "./link.ts";

/** How far a work queue was taken off. */
export interface QueueStand {
  /** The first sequence that is still in it; undefined where nothing is. */
  oldest?: number;
  /** The last that its stream had given before. */
  last: number;
}

/** @param at.filter the part of the stream that is one queue: a pool's requests, a shard's results */
export async function queueStand(link: Link, at: { stream: string; filter: string }): Promise<QueueStand> {
  const { stream, filter } = at;
  const last = (await streamState(link, stream))?.last ?? 0;
  const oldest = await nextMessage(link, { stream, subject: filter, from: 1 });
  return { last, ...(oldest === undefined ? {} : { oldest: oldest.sequence }) };
}
