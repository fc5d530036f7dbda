import { limits, type Mark } from "@bellhop/contracts";
import type { Guild } from "./payloads.ts";
import { isLater, latest, snowflakeAt } from "./snowflake.ts";

/** A channel whose history is to be read. */
export interface Gap {
  channel: string;
  /** What stands after this was not heard. */
  after: string;
  /** Of a channel in a guild. */
  guild?: string;
  /** The newest that there is, as far as Discord says. */
  last?: string;
}

/** By the account as a whole: every channel without a mark of its own is heard up to there. */
export const everywhere = "";

type Marks = ReadonlyMap<string, Pick<Mark, "position" | "kind" | "space">>;

export interface Missed {
  gaps: Gap[];
  /** Channels that we never heard, at a first start: what stands there was not said to us. */
  present: { channel: string; last: string }[];
}

/** What a new session did not see of a guild: its channels and active threads that have news, and threads that we heard of lately and that are among the
 *  active ones no more.
 *  @param at.oldest a snowflake: further back nothing is read */
export function missedIn(guild: Guild, { marks, oldest }: { marks: Marks; oldest: string }): Missed {
  const everything = marks.get(everywhere)?.position;
  // What was said before we joined was not said to us.
  const floor = latest(oldest, snowflakeAt(guild.joined_at === undefined ? 0 : Date.parse(guild.joined_at)));
  const missed: Missed = { gaps: [], present: [] };
  const places = [...guild.channels, ...guild.threads].filter(({ type }) => withMessages.has(type));
  for (const { id: channel, last_message_id: last } of places) {
    const heard = marks.get(channel)?.position ?? everything;
    if (last === undefined || last === null) continue;
    if (heard === undefined) missed.present.push({ channel, last });
    else if (isLater(last, latest(heard, floor))) missed.gaps.push({ channel, after: latest(heard, floor), guild: guild.id, last });
  }
  const listed = new Set([...guild.channels, ...guild.threads].map(({ id }) => id));
  const unlisted = [...marks].filter(([place, { space }]) => space === guild.id && !listed.has(place));
  const newest = unlisted.sort(([, one], [, other]) => (isLater(one.position, other.position) ? -1 : 1)).slice(0, limits.threads);
  for (const [channel, { position }] of newest) missed.gaps.push({ channel, after: latest(position, oldest), guild: guild.id });
  return missed;
}

/** Direct conversations are in no list that Discord gives a bot: those that we remember are looked at. */
export function missedDirectly({ marks, oldest }: { marks: Marks; oldest: string }): Gap[] {
  return [...marks]
    .filter(([, { kind }]) => kind === "direct")
    .map(([channel, { position }]) => ({ channel, after: latest(position, oldest) }));
}

/** Text, voice, announcements, threads of announcements, public and private threads, stages (…/docs/resources/channel#channel-object-channel-types): a forum's last
 *  message is a thread. */
const withMessages: ReadonlySet<number> = new Set([0, 2, 5, 10, 11, 12, 13]);
