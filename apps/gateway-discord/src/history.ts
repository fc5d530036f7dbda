import { z } from "zod";
import { Routes, type REST } from "./sdk.ts";
import { isLater, Snowflake } from "./snowflake.ts";

/** A message as it stands, with the id that everything here leans on. */
export interface Standing {
  id: string;
  message: unknown;
}

/** Everything that stands in a channel after that message, page by page, oldest first.
 *  @throws what the SDK throws; "slower" it waits out by itself, reading can be repeated */
export async function* messagesAfter(at: { rest: REST; channel: string; after: string; signal?: AbortSignal }): AsyncGenerator<Standing[]> {
  const { rest, channel, signal } = at;
  for (let after = at.after; ;) {
    const query = new URLSearchParams({ after, limit: String(largestPage) });
    const page = z.array(z.unknown()).parse(await rest.get(Routes.channelMessages(channel), { query, signal }));
    const oldestFirst = page.map((message) => ({ id: Named.parse(message).id, message })).sort((a, b) => (isLater(a.id, b.id) ? 1 : -1));
    if (oldestFirst.length > 0) yield oldestFirst;
    const last = oldestFirst.at(-1);
    if (last === undefined || page.length < largestPage) return;
    after = last.id;
  }
}

const largestPage = 100;

const Named = z.object({ id: Snowflake });
