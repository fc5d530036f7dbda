import type { Bus } from "@bellhop/bus";
import { bookmarkKeys, buckets, type Bookmark, type Message, type Send } from "@bellhop/contracts";

/** Notes where whoever will read a send goes on, if there is more of it. Of two answers the one that was decided later is read on in, whichever is published later. */
export async function keepBookmark(bus: Bus, { to, more, run, only }: Send): Promise<void> {
  if (more === undefined) return;
  const bucket = bus.bucket(buckets.bookmark);
  const bookmark: Bookmark = { v: 1, more, ...(run === undefined ? {} : { run }), ...(only === undefined ? {} : { only: true }) };
  for (const key of bookmarkKeys(to, more.reader)) {
    for (;;) {
      const entry = await bucket.get(key);
      if (entry !== undefined && entry.value.more.at >= more.at) break;
      const written = entry === undefined ? await bucket.create(key, bookmark) : await bucket.update(key, bookmark, entry.revision);
      if (written !== undefined) break;
    }
  }
}

/** Where the author of a message goes on reading: in its thread, else in its room. */
export async function bookmarkOf(bus: Bus, { replyTo, author }: Pick<Message, "replyTo" | "author">): Promise<Bookmark | undefined> {
  const bucket = bus.bucket(buckets.bookmark);
  for (const key of bookmarkKeys(replyTo, author.id)) {
    const entry = await bucket.get(key);
    if (entry !== undefined) return entry.value;
  }
  return undefined;
}
