import { setTimeout as pause } from "node:timers/promises";
import { toProblem, type Durations, type Mark } from "@bellhop/contracts";
import type { Inbox } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import { keepFiles } from "./attachments.ts";
import { everywhere, missedDirectly, missedIn, type Gap } from "./catch-up.ts";
import { messagesAfter } from "./history.ts";
import { createLines, createSlots } from "./lines.ts";
import { resultOf } from "./outcome.ts";
import { Guild, Place, Ready } from "./payloads.ts";
import { toHeard, withFiles, type Delivery, type Found, type Self } from "./receive.ts";
import { GatewayDispatchEvents, type REST } from "./sdk.ts";
import { snowflakeAt } from "./snowflake.ts";

export interface HearingOptions {
  account: string;
  inbox: Inbox;
  /** For reading histories. */
  looking: () => REST;
  durations: Durations;
  log: Log;
  /** Aborted when nothing more is to be heard. */
  closing: AbortSignal;
}

/** Takes what the gateway dispatches to the inbox: in the order it came for each channel, and after what a new session did not see of that channel. Discord
 *  does not wait to be told that a message is stored: what can't be stored is held until it can, and a channel's mark stays before it. */
export interface Hearing {
  take(packet: unknown): void;
  /** The connection is gone; what comes next was missed. */
  interrupted(): void;
}

/** What a new session has still to see of what came before it. */
interface Session {
  marks: ReadonlyMap<string, Mark>;
  /** Guilds that Discord has not described yet. */
  awaited: Set<string>;
  /** Histories that are being read. */
  gaps: number;
}

export function createHearing({ account, inbox, looking, durations, log, closing }: HearingOptions): Hearing {
  const roles = new Map<string, string>();
  /** Channels of which something is still to be read: no mark may pass that. */
  const unread = new Map<string, Gap>();
  /** What we said of late. */
  const said = new Set<string>();
  const self: Self = {
    account,
    roleIn: (guild) => roles.get(guild),
    isOurs: (message) => said.has(message),
    prefix: (conversation) => inbox.prefix(conversation),
    awaits: (said) => inbox.awaits(said),
  };
  const lines = createLines((error) => log.error({ why: toProblem(error).message }, "an event of Discord could not be handled"));
  const slots = createSlots(histories);
  let turn: Promise<void> = Promise.resolve();
  let session: Session | undefined;
  let isConnected = false;
  let isResuming = false;

  const marking = setInterval(markEverywhere, markEveryMs);
  marking.unref();
  closing.addEventListener("abort", () => clearInterval(marking), { once: true });

  return {
    take(packet) {
      const { t = "", d } = Packet.safeParse(packet).data ?? {};
      const delivery: Delivery = { t: t ?? "", d, origin: isResuming ? "resume" : "live", now: new Date().toISOString() };
      if (t === GatewayDispatchEvents.Ready) session = undefined;
      if (t === GatewayDispatchEvents.Ready || t === GatewayDispatchEvents.Resumed) {
        isConnected = true;
        isResuming = false;
      }
      // A new session begins with our marks: nothing that follows may move them before they are read.
      turn = turn
        .then(() => handle(delivery))
        .catch((error: unknown) => log.error({ why: toProblem(error).message, t }, "an event of Discord could not be handled"));
    },
    interrupted() {
      isConnected = false;
      isResuming = true;
    },
  };

  async function handle(delivery: Delivery): Promise<void> {
    if (closing.aborted) return;
    const { t, d } = delivery;
    if (t === GatewayDispatchEvents.Ready) return begin(Ready.parse(d));
    if (t === GatewayDispatchEvents.GuildCreate) return meet(d);
    const place = Happened.safeParse(d).data;
    if (place === undefined) return;
    // Not awaited: the next event may be of another channel.
    void lines.add(place.channel_id, () => hear(delivery));
  }

  async function begin({ guilds }: z.infer<typeof Ready>): Promise<void> {
    const marks = await readMarks();
    if (marks === undefined) return;
    const fresh: Session = { marks, awaited: new Set(guilds.map(({ id }) => id)), gaps: 0 };
    session = fresh;
    for (const gap of missedDirectly({ marks: fresh.marks, oldest: oldest() })) void fill(gap, fresh);
    markEverywhere();
  }

  /** A guild that we are in, that came back, or that we have joined. */
  async function meet(payload: unknown): Promise<void> {
    const guild = Guild.safeParse(payload).data;
    if (guild === undefined || session === undefined) return;
    const role = guild.roles.find(({ tags }) => tags?.bot_id === account);
    if (role !== undefined) roles.set(guild.id, role.id);
    const known = session;
    const marks = known.awaited.has(guild.id) ? known.marks : await readMarks();
    if (marks === undefined) return;
    const { gaps, present } = missedIn(guild, { marks, oldest: oldest() });
    for (const { channel, last } of present) reach({ channel, guild: guild.id }, last);
    for (const gap of gaps) void fill(gap, known);
    known.awaited.delete(guild.id);
    markEverywhere();
  }

  async function hear(delivery: Delivery): Promise<void> {
    const standing = await take(delivery);
    if (standing !== undefined && !unread.has(standing.channel_id)) {
      reach({ channel: standing.channel_id, guild: standing.guild_id }, standing.id);
    }
  }

  /** Stores what concerns us of it. Gives the message that it was, where there is nothing more to store of it. */
  async function take(delivery: Delivery): Promise<z.infer<typeof Standing> | undefined> {
    for (const found of toHeard(delivery, self)) if (!(await store(found))) return undefined;
    // What stood before it may not be stored.
    if (closing.aborted || delivery.t !== GatewayDispatchEvents.MessageCreate) return undefined;
    const standing = Standing.safeParse(delivery.d).data;
    if (standing?.author.id === account) remember(standing.id);
    return standing;
  }

  function remember(message: string): void {
    said.add(message);
    const [oldest] = said.size > mostSaid ? said : [];
    if (oldest !== undefined) said.delete(oldest);
  }

  /** Reads a history before anything else of its channel is heard. Where it can't be read, that is tried again and again, and the channel is heard meanwhile. */
  async function fill(gap: Gap, of: Session): Promise<void> {
    const { channel } = gap;
    /** A later session's gap takes its place: the mark has not passed this one. */
    const isOpen = () => unread.get(channel) === gap && !closing.aborted;
    unread.set(channel, gap);
    of.gaps += 1;
    for (let failures = 0; isOpen(); failures++) {
      if (failures > 0) await patience(failures);
      await lines.add(channel, () =>
        slots(async () => {
          if (isOpen() && (await read(gap, failures)) && isOpen()) unread.delete(channel);
        }),
      );
    }
    of.gaps -= 1;
    markEverywhere();
  }

  /** Goes on where it stopped before. False: there may be more. */
  async function read(gap: Gap, failures: number): Promise<boolean> {
    const { channel, guild, last } = gap;
    let count = 0;
    try {
      for await (const page of messagesAfter({ rest: looking(), channel, after: gap.after, signal: closing })) {
        for (const { id, message } of page) {
          await take({ t: GatewayDispatchEvents.MessageCreate, d: message, origin: "backfill", guild, now: new Date().toISOString() });
          if (closing.aborted) return false;
          reach({ channel, guild }, id);
          gap.after = id;
          count += 1;
        }
      }
      if (count > 0) log.info({ channel, messages: count }, "read what was missed");
      return true;
    } catch (error) {
      if (closing.aborted) return false;
      const { kind, why } = resultOf(error);
      log.warn({ channel, why, failures }, "the history of a channel can't be read");
      // What we may not see is not for us. Where we may see it later, what is said from then on is.
      if (kind === "refused" && last !== undefined) reach({ channel, guild }, last);
      return kind === "refused";
    }
  }

  /** False: it is not stored, and we are to stop. */
  async function store({ heard, attachments }: Found): Promise<boolean> {
    const whole = attachments.length === 0 ? heard : withFiles(heard, await keepFiles(attachments, { inbox, closing }));
    for (let failures = 0; !closing.aborted; failures++) {
      try {
        await inbox.receive(whole);
        return true;
      } catch (error) {
        const { retry, message } = toProblem(error);
        log.warn({ why: message, failures }, retry ? "what was said can't be stored yet" : "what was said can't be stored");
        if (!retry) return true;
        await patience(failures);
      }
    }
    return false;
  }

  /** Undefined where we are to stop. */
  async function readMarks(): Promise<ReadonlyMap<string, Mark> | undefined> {
    for (let failures = 0; !closing.aborted; failures++) {
      try {
        return await inbox.marks.read();
      } catch (error) {
        log.warn({ why: toProblem(error).message, failures }, "how far was heard can't be read yet");
        await patience(failures);
      }
    }
    return undefined;
  }

  function reach({ channel, guild }: { channel: string; guild: string | undefined }, position: string): void {
    inbox.marks.reach({ place: channel, position, ...(guild === undefined ? { kind: "direct" } : { kind: "room", space: guild }) });
  }

  /** Channels where nobody has spoken yet, or not to us, are heard up to about now, as long as we are connected and nothing is left to be stored. */
  function markEverywhere(): void {
    const isThrough = session?.gaps === 0 && session.awaited.size === 0 && lines.isIdle();
    if (!isThrough || !isConnected || closing.aborted) return;
    inbox.marks.reach({ place: everywhere, position: snowflakeAt(Date.now() - clocksApartMs) });
  }

  function oldest(): string {
    return snowflakeAt(Date.now() - durations.catchUpRetention);
  }

  async function patience(failures: number): Promise<void> {
    await pause(Math.min(30_000, 500 * 2 ** failures), undefined, { signal: closing, ref: false }).catch(() => {});
  }
}

/** At most so many histories are read at a time. */
const histories = 4;
const markEveryMs = 60_000;
const mostSaid = 10_000;
/** Between our clock and Discord's, and between a connection that is dead and our noticing it. */
const clocksApartMs = 300_000;

const Packet = z.object({ t: z.string().nullish(), d: z.unknown() });
const Happened = z.object({ channel_id: z.string() });
const Standing = Place.extend({ author: z.object({ id: z.string() }) });
