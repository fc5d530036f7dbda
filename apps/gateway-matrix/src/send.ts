import { hash, toProblem, type Address } from "@bellhop/contracts";
import type { Place, Resolution, SendResult, Standing, Tried } from "@bellhop/gateway";
import { z } from "zod";
import { editContent, fileContent, headed, objectOf, threadRelation, wordsContent, type MatrixContent } from "./content.ts";
import { readEvent } from "./known.ts";
import { uploadMedia } from "./media.ts";
import { failureOf, unavailableOr } from "./outcome.ts";
import { MatrixError, type MatrixClient } from "./sdk.ts";
import type { Whispers } from "./whispers.ts";
import { aboutFile, insteadOfWhisper, type FilePiece, type MatrixPiece, type Pressable } from "./write.ts";

export interface SenderOptions {
  client: () => MatrixClient;
  account: string;
  whispers: Whispers;
  timeoutMs: number;
}

/** Says pieces. A transaction id follows from the piece's key: the homeserver gives the event that it made at the first try to every other of the same
 *  device. */
export class Sender {
  private readonly options: SenderOptions;
  /** Numbers that stand below our messages, so that a wording of what they stand below puts none there again. */
  private readonly numbers = new Set<string>();

  constructor(options: SenderOptions) {
    this.options = options;
  }

  async post(piece: MatrixPiece, at: Place): Promise<SendResult> {
    const { client, whispers, timeoutMs } = this.options;
    const { only, to, key } = at;
    let room = to.channel;
    let said = piece;
    let content: MatrixContent;
    try {
      if (only !== undefined) room = await whispers.roomWith(only);
    } catch (error) {
      const failure = unavailableOr(error);
      if (failure.kind !== "refused" || only === undefined || piece.kind !== "words" || piece.headed !== true) return failure;
      said = insteadOfWhisper(only);
    }
    try {
      const thread = room === to.channel ? threadRelation(to) : {};
      content = { ...(await this.contentOf(said, { ...at, room })), ...thread, "bellhop.key": key };
    } catch (error) {
      return unavailableOr(error);
    }
    const result = await put(client(), { room, transaction: transactionOf(key), content, timeoutMs });
    if (result.kind !== "sent") return result;
    if (said.kind === "words" && said.pressable !== undefined) await this.putNumbers(said.pressable, { room, event: result.ref });
    return { kind: "sent", ref: refOf({ room, event: result.ref }, to) };
  }

  /** Where one is a file and the other is not, the new one is posted and the old one taken back: then the ref is another one. */
  async reword(piece: MatrixPiece, at: Standing): Promise<SendResult> {
    const { client, timeoutMs } = this.options;
    const { room, event } = placeOf(at);
    let found: unknown;
    try {
      found = await readEvent(event, { room, client: client(), timeoutMs });
    } catch (error) {
      return unavailableOr(error);
    }
    // A homeserver takes an edit of what was taken back, and nobody ever sees it.
    const { data: stands } = Stands.safeParse(found);
    if (stands === undefined) return { kind: "refused", why: "what was to be reworded was taken back", gone: true };
    if (piece.kind === "file" && stands.content["bellhop.object"] === objectOf(piece)) return { kind: "sent", ref: at.ref };
    if (piece.kind === "words" && stands.content.msgtype === "m.notice") {
      const words = room === at.to.channel ? piece : await this.headed(piece, at.to);
      const content = { ...editContent(words, event), "bellhop.key": at.key };
      const result = await put(client(), { room, transaction: transactionOf(at.key), content, timeoutMs });
      if (result.kind !== "sent") return result;
      if (piece.pressable !== undefined) await this.putNumbers(piece.pressable, { room, event });
      return { kind: "sent", ref: at.ref };
    }
    const posted = await this.post(piece, at);
    if (posted.kind !== "sent") return posted;
    const removed = await this.remove(at);
    return removed.kind === "sent" ? posted : removed;
  }

  async remove(at: Standing): Promise<SendResult> {
    const { client, timeoutMs } = this.options;
    const { room, event } = placeOf(at);
    const result = await redact(client(), { room, event, transaction: transactionOf(`${at.key}/gone`), timeoutMs });
    return result.kind === "sent" ? { kind: "sent", ref: at.ref } : result;
  }

  /** Looks for our own message with the key, from now back to when it was tried. Where the homeserver still knows the transaction, sending again would
   *  do; it forgets them after a while, and with the device. */
  async find(at: Tried): Promise<Resolution> {
    const { client, account, whispers, timeoutMs } = this.options;
    // Our clock said when, the bound is compared with the homeserver's: a generous hour between them costs a page at most.
    const oldest = Date.parse(at.since) - 3_600_000;
    try {
      const room = at.only === undefined ? at.to.channel : await whispers.knownRoomWith(at.only);
      if (room === undefined) return { kind: "not-there" };
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`;
      for (let from: string | undefined; ;) {
        const answer: unknown = await client().doRequest("GET", path, { dir: "b", limit: 100, ...(from && { from }) }, null, timeoutMs);
        const { chunk, end } = Page.parse(answer);
        const found = chunk.find(({ sender, content }) => sender === account && keyOf(content) === at.key);
        if (found !== undefined) return { kind: "sent", ref: refOf({ room, event: found.event_id }, at.to) };
        if (end === undefined || end === from || chunk.some(({ origin_server_ts }) => origin_server_ts < oldest))
          return { kind: "not-there" };
        from = end;
      }
    } catch (error) {
      const failure = unavailableOr(error);
      if (failure.kind === "unavailable") return failure;
      // Not in the room any more: whatever stands there, we have nothing to add.
      return /^M_(?:FORBIDDEN|NOT_FOUND)/.test(failure.why) ? { kind: "not-there" } : { kind: "unavailable", why: failure.why };
    }
  }

  /** The reactions that people only have to press again. Where one is missing they put it there themselves, so that nobody waits for them. */
  private async putNumbers({ keys }: Pressable, { room, event }: { room: string; event: string }): Promise<void> {
    const { client, timeoutMs } = this.options;
    for (const { key: number } of keys) {
      const name = `${event} ${number}`;
      if (this.numbers.has(name)) continue;
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.reaction/${transactionOf(name)}`;
      const content = { "m.relates_to": { rel_type: "m.annotation", event_id: event, key: number } };
      try {
        await client().doRequest("PUT", path, null, content, timeoutMs);
      } catch (error) {
        if (!(error instanceof MatrixError) || error.errcode !== "M_DUPLICATE_ANNOTATION") return;
      }
      this.numbers.add(name);
      const [oldest] = this.numbers.size > mostNumbers ? this.numbers : [];
      if (oldest !== undefined) this.numbers.delete(oldest);
    }
  }

  /** @throws when it may work later */
  private async contentOf(piece: MatrixPiece, at: Place & { room: string }): Promise<MatrixContent> {
    if (piece.kind === "words") return wordsContent(at.room === at.to.channel ? piece : await this.headed(piece, at.to));
    const { client, timeoutMs } = this.options;
    const { name, type } = piece;
    const bytes = await bytesOf(piece, at);
    if (bytes === undefined) return wordsContent(aboutFile(name, "could not be read"));
    const uploaded = await uploadMedia(client(), { bytes, name, type, timeoutMs });
    if (uploaded.kind === "refused") return wordsContent(aboutFile(name, uploaded.why));
    return fileContent(piece, { url: uploaded.url, bytes: bytes.byteLength });
  }

  private async headed(piece: Extract<MatrixPiece, { kind: "words" }>, { channel, message }: Address): Promise<typeof piece> {
    if (piece.headed !== true) return piece;
    return headed(piece, { room: channel, name: await this.nameOf(channel), message });
  }

  private async nameOf(room: string): Promise<string> {
    const { client, timeoutMs } = this.options;
    for (const [type, field] of [["m.room.name", "name"] as const, ["m.room.canonical_alias", "alias"] as const]) {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/${type}/`;
      const content: unknown = await client()
        .doRequest("GET", path, null, null, timeoutMs)
        .catch(() => undefined);
      const named = Named.safeParse(content).data?.[field];
      if (named) return named;
    }
    return room;
  }
}

const mostNumbers = 5_000;

/** @returns with the event as `ref` */
export async function redact(
  client: MatrixClient,
  { room, event, transaction, timeoutMs }: { room: string; event: string; transaction: string; timeoutMs: number },
): Promise<SendResult> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/redact/${encodeURIComponent(event)}/${transaction}`;
  try {
    await client.doRequest("PUT", path, null, {}, timeoutMs);
    return { kind: "sent", ref: event };
  } catch (error) {
    if (error instanceof MatrixError && error.statusCode === 404) return { kind: "sent", ref: event };
    return failureOf(error);
  }
}

/** Synapse takes an id for one event of a room, whatever its type: it has to be of this deed alone. */
export function transactionOf(deed: string): string {
  return hash(deed).slice(0, 32);
}

async function put(
  client: MatrixClient,
  { room, transaction, content, timeoutMs }: { room: string; transaction: string; content: MatrixContent; timeoutMs: number },
): Promise<SendResult> {
  try {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${transaction}`;
    const answer: unknown = await client.doRequest("PUT", path, null, content, timeoutMs);
    const { data } = Sent.safeParse(answer);
    return data === undefined ? { kind: "unsure", why: "the homeserver's answer names no event" } : { kind: "sent", ref: data.event_id };
  } catch (error) {
    return failureOf(error);
  }
}

/** Undefined where nobody has them. @throws when they may be had later */
async function bytesOf({ content }: FilePiece, at: Place): Promise<Uint8Array | undefined> {
  if (content.kind === "text") return Buffer.from(content.text);
  try {
    return await at.read(content.file);
  } catch (error) {
    if (toProblem(error).retry) throw error;
    return undefined;
  }
}

/** What is said elsewhere than it was asked is known by its room, too: no id of an event or a room has a blank in it. */
function refOf({ room, event }: { room: string; event: string }, { channel }: Address): string {
  return room === channel ? event : `${room} ${event}`;
}

function placeOf({ ref, to }: Standing): { room: string; event: string } {
  const [room = "", event] = ref.split(" ");
  return event === undefined ? { room: to.channel, event: ref } : { room, event };
}

const Sent = z.object({ event_id: z.string().min(1) });
const Stands = z.object({
  content: z.object({ msgtype: z.string(), "bellhop.object": z.string().optional() }),
  unsigned: z.object({ redacted_because: z.undefined().optional() }).optional(),
});
const Named = z.object({ name: z.string().optional().catch(undefined), alias: z.string().optional().catch(undefined) });
const Page = z.object({
  chunk: z.array(
    z.object({ event_id: z.string(), sender: z.string(), origin_server_ts: z.number(), content: z.record(z.string(), z.unknown()) }),
  ),
  end: z.string().optional(),
});

/** Of an edit we would find the words, but not the message that they stand in. */
function keyOf(content: Record<string, unknown>): unknown {
  const relation = content["m.relates_to"];
  const isEdit = typeof relation === "object" && relation !== null && "rel_type" in relation && relation.rel_type === "m.replace";
  return isEdit ? undefined : content["bellhop.key"];
}
