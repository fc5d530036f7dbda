import type { FileRef } from "@bellhop/contracts";
import { heardId, type Heard, type Inbox } from "@bellhop/gateway";
import type { SlackFile } from "./payloads.ts";
import { placeOf, toHeard, type Delivery, type Found, type Self } from "./receive.ts";

export interface HearingOptions {
  inbox: Inbox;
  self: Self;
  download: (files: readonly SlackFile[], keep: Inbox["keep"]) => Promise<FileRef[]>;
  /** Resolves once what was said in a channel before is stored. */
  before: (channel: string) => Promise<void>;
  /** Everything in that place up to there was heard. */
  reach: (at: Reached) => void;
}

export interface Reached {
  readonly channel: string;
  /** A moment of Slack's clock. */
  readonly at: string;
  readonly direct: boolean;
  /** The thread in which we were spoken to. */
  readonly thread?: string;
}

export interface Hearing {
  /** What Slack tells. Resolves once it is stored, or is nothing to us; rejects where it can't be stored. */
  live(delivery: Delivery): Promise<void>;
  /** What was read in the history. */
  missed(delivery: Delivery): Promise<void>;
}

/** From what happened to what is stored. Slack's sockets know no order: what arrives first in a channel is given first, whatever has to be fetched for
 *  it. */
export function createHearing({ inbox, self, download, before, reach }: HearingOptions): Hearing {
  /** The last turn of each channel. */
  const turns = new Map<string, Promise<unknown>>();
  /** Events that come again while they are being stored, and the two that a mention makes. */
  const underWay = new Map<string, Promise<void>>();

  async function prepared({ heard, files }: Found): Promise<Heard> {
    if (files.length === 0) return heard;
    const kept = await download(files, (file) => inbox.keep(file));
    if (heard.kind === "message")
      return { kind: "message", message: { ...heard.message, content: { ...heard.message.content, files: kept } } };
    const message = heard.kind === "edited" ? heard.edited.message : undefined;
    if (heard.kind !== "edited" || message === undefined) return heard;
    return { kind: "edited", edited: { ...heard.edited, message: { ...message, content: { ...message.content, files: kept } } } };
  }

  async function inTurn<Result>(channel: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (turns.get(channel) ?? Promise.resolve()).then(work);
    const settled = turn.then(
      () => {},
      () => {},
    );
    turns.set(channel, settled);
    void settled.then(() => turns.get(channel) === settled && turns.delete(channel));
    return turn;
  }

  async function store(found: Found | undefined, at: NonNullable<ReturnType<typeof placeOf>>): Promise<void> {
    const given = await inTurn(at.channel, async () => {
      await before(at.channel);
      // Given in its turn; that it is stored is waited for outside.
      return found && { stored: inbox.receive(await prepared(found)) };
    });
    await given?.stored;
    reach({ ...at, thread: found && threadOf(found.heard) });
  }

  return {
    async live(delivery) {
      const at = placeOf(delivery.body);
      if (at === undefined) return;
      const found = toHeard(delivery, self);
      if (found === undefined) return store(found, at);
      const id = heardId(found.heard);
      const known = underWay.get(id);
      if (known !== undefined) return known;
      const stored = store(found, at).finally(() => underWay.delete(id));
      underWay.set(id, stored);
      return stored;
    },
    async missed(delivery) {
      const found = toHeard(delivery, self);
      if (found !== undefined) await inbox.receive(await prepared(found));
    },
  };
}

/** In a room people go on where they were answered. */
function threadOf(heard: Heard): string | undefined {
  const message = heard.kind === "edited" ? heard.edited.message : heard.kind === "message" ? heard.message : undefined;
  return message?.replyTo.thread;
}
