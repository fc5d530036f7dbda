import {
  postSendKey,
  problem,
  type Address,
  type Body,
  type Post,
  type Posting,
  type Problem,
  type RunAsked,
  type Send,
} from "@bellhop/contracts";
import { bodyOf } from "../run/announce.ts";
import { isPrompt, roomOf, roomWords } from "../run/place.ts";

/** An ask to say something under a name. */
export type PostAsk = Extract<RunAsked, { kind: "post" }>;

type Place = Post["places"][number];

/** Where a posting is to stand: wherever it stands already, and where it is asked for. In one room it stands once.
 *  @param at.stands what is known of its name; undefined where it stands nowhere
 *  @param at.above what is known of the name below which it is said */
export function placesOf(at: { posting: PostAsk["posting"]; stands?: Post | undefined; above?: Post | undefined }): Place[] {
  const { posting, stands, above } = at;
  const { to, here, thread } = posting;
  const places = new Map((stands?.places ?? []).map((place) => [roomOf(place.to), place]));
  const below = thread === undefined ? undefined : { key: thread, places: above?.places.map((place) => place.to) ?? [] };
  for (const room of to ?? otherwise()) {
    const name = roomOf(room);
    if (!places.has(name)) places.set(name, below === undefined ? { to: room } : belowIn(room, below));
  }
  let prompts = 0;
  return [...places.values()].filter(({ to: place }) => !isPrompt(place) || ++prompts <= mostPrompts);

  function otherwise(): readonly Address[] {
    if (places.size > 0) return [];
    if (below !== undefined && below.places.length > 0) return below.places;
    if (here === undefined) return [];
    // It answers nobody.
    const { message: _, ...room } = here;
    return [room];
  }
}

/** Of very many prompts so many have it: those at which it stands already, then any. */
const mostPrompts = 256;

/** Where it was asked for is no answer to anything, and a thread of its own is in no other. */
function belowIn(room: Address, { key, places }: { key: string; places: readonly Address[] }): Place {
  const above = places.find((place) => roomOf(place) === roomOf(room));
  return { to: above ?? room, under: postSendKey(key, room) };
}

/** What is said in each place.
 *  @param at.revision orders what was asked for under one name: the last that was asked is what stands
 *  @param at.words as they are said in a chat */
export function postSends(at: {
  ask: PostAsk;
  places: readonly Place[];
  revision: number;
  words: Pick<Body, "text" | "tone" | "cards">;
}): Send[] {
  const { ask, places, revision, words } = at;
  const { posting, parent, replyTo, trace } = ask;
  const { only, calls, extra, key } = posting;
  return places.map(({ to, under }): Send => {
    const { platform, account } = to;
    const { cards = [], ...body } = bodyOf({
      ...words,
      platform,
      ...(calls === undefined ? {} : { calls }),
      ...(extra === undefined ? {} : { extra }),
    });
    const all = [...cards, ...(words.cards ?? [])];
    return {
      v: 1,
      key: postSendKey(key, to),
      revision,
      run: parent.run,
      // The last wording is as good as any before it: one that waits behind it need not be said.
      final: false,
      renew: true,
      refusalTo: replyTo,
      platform,
      account,
      to,
      body: { ...body, ...(all.length === 0 ? {} : { cards: all }) },
      ...(under === undefined ? {} : { under }),
      ...(only === undefined ? {} : { only }),
      ...(trace === undefined ? {} : { trace }),
    };
  });
}

/** What the task that posted it has for a result. */
export function postedOutput(key: string, places: readonly Place[]): Record<string, unknown> {
  return {
    key,
    places: places.map(({ to, under }) => ({
      room: roomWords(to),
      platform: to.platform,
      account: to.account,
      channel: to.channel,
      ...(to.thread === undefined ? {} : { thread: to.thread }),
      ...(under === undefined ? {} : { under: true }),
    })),
  };
}

/** Why it can be said nowhere. */
export function nowhere({ key, thread }: Posting): Problem {
  const named = key === undefined ? "" : `Nothing was posted as ${key} in the last days. `;
  const below = thread === undefined ? "" : `Nothing was posted as ${thread} that it could be said below. `;
  return problem("room_unknown", { room: "", suggestion: `${named}${below}Name a room for it: to: ops, or to: [slack:T1/C9].` });
}
