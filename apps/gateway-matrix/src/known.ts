import { z } from "zod";
import { plainEmoji, threadOf } from "./receive.ts";
import { MatrixError, type MatrixClient } from "./sdk.ts";
import type { Pressable } from "./write.ts";

/** What has to be known of an event when somebody rewords it, takes it back or reacts to it. */
export interface Known {
  readonly sender: string;
  /** When it was sent, in milliseconds since the epoch. */
  readonly at: number;
  readonly kind: "message" | "reaction";
  /** Of a message. */
  readonly thread?: string;
  /** Of a message: whether any of its words so far called us. Absent where not all of them were heard. */
  readonly called?: boolean;
  /** Taken back already when it was heard, or asked for: what it said is not to be had any more. */
  readonly gone?: true;
  /** Of a message: what reactions to it mean, where it says so itself. */
  readonly press?: Pressable;
  /** Of a reaction that is not gone. */
  readonly reaction?: { readonly target: string; readonly emoji: string };
}

/** So many are remembered; of older ones the homeserver is asked. It can't tell any more what a reaction was that was taken back. */
const most = 5_000;

/** Events of all rooms as they were heard. */
export class KnownEvents {
  private readonly messages = new Map<string, Known>();
  private readonly reactions = new Map<string, Known>();

  /** As a sync or /messages gave it. */
  saw(event: unknown): void {
    const { data } = Seen.safeParse(event);
    if (data === undefined || this.get(data.event_id) !== undefined) return;
    this.reworded(data);
    // Whether it called us is said by whoever finds out.
    this.keep(data.event_id, knownOf(data));
  }

  /** Whether the words that were heard now call us. */
  called(id: string, calls: boolean): void {
    const known = this.messages.get(id);
    if (known === undefined) return;
    this.messages.set(id, { ...known, called: calls || (known.called ?? false) });
  }

  /** New words may come with other things to press. Without any, those of before are still pressed by whoever did not see it. */
  private reworded({ sender, content }: Seen): void {
    const { rel_type, event_id: target = "" } = content["m.relates_to"] ?? {};
    const [known, press] = [this.messages.get(target), content["m.new_content"]?.["bellhop.press"]];
    if (rel_type === "m.replace" && press !== undefined && known?.sender === sender) this.messages.set(target, { ...known, press });
  }

  get(id: string): Known | undefined {
    return this.messages.get(id) ?? this.reactions.get(id);
  }

  /** Asks where it is not remembered. Undefined where there is no such event for us.
   *  @throws when the homeserver can't be asked */
  async find(id: string, at: { room: string; client: MatrixClient; timeoutMs: number }): Promise<Known | undefined> {
    const known = this.get(id);
    if (known !== undefined) return known;
    const event = await readEvent(id, at);
    const { data } = Seen.safeParse(event);
    if (data === undefined) return undefined;
    const found = knownOf(data);
    this.keep(id, found);
    return found;
  }

  private keep(id: string, known: Known): void {
    const kept = known.kind === "message" ? this.messages : this.reactions;
    kept.set(id, known);
    const [oldest] = kept.size > most ? kept.keys() : [];
    if (oldest !== undefined) kept.delete(oldest);
  }
}

/** One event as it was sent first, whatever edits say; undefined where there is none for us.
 *  @throws when the homeserver can't be asked */
export async function readEvent(id: string, at: { room: string; client: MatrixClient; timeoutMs: number }): Promise<unknown> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(at.room)}/event/${encodeURIComponent(id)}`;
  try {
    return await at.client.doRequest("GET", path, null, null, at.timeoutMs);
  } catch (error) {
    if (error instanceof MatrixError && (error.statusCode === 404 || error.statusCode === 403)) return undefined;
    throw error;
  }
}

const Press = z.object({
  press: z.string(),
  keys: z.array(z.object({ key: z.string(), choice: z.int().min(0), value: z.string().optional() })),
});

/** What an edit offers to press, where it offers anything. */
const Reworded = z.object({ "m.new_content": z.object({ "bellhop.press": Press.optional().catch(undefined) }).optional() });

const Seen = z.object({
  event_id: z.string(),
  type: z.enum(["m.room.message", "m.reaction"]),
  sender: z.string(),
  origin_server_ts: z.int().min(0).max(253_402_300_799_999),
  content: z.object({
    "m.relates_to": z
      .object({ rel_type: z.string().optional(), event_id: z.string().optional(), key: z.string().optional() })
      .optional()
      .catch(undefined),
    "bellhop.press": Press.optional().catch(undefined),
    "m.new_content": Reworded.shape["m.new_content"].catch(undefined),
  }),
  unsigned: z
    .object({
      redacted_because: z.unknown().optional(),
      // Of an event that is asked for: it is given as it was sent first, with its last edit beside it.
      "m.relations": z.object({ "m.replace": z.object({ content: Reworded }).optional().catch(undefined) }).optional(),
    })
    .optional()
    .catch(undefined),
});
type Seen = z.infer<typeof Seen>;

function knownOf({ type, sender, origin_server_ts: at, content, unsigned }: Seen): Known {
  if (unsigned?.redacted_because !== undefined) return { sender, at, kind: type === "m.reaction" ? "reaction" : "message", gone: true };
  const relation = content["m.relates_to"];
  const press = unsigned?.["m.relations"]?.["m.replace"]?.content["m.new_content"]?.["bellhop.press"] ?? content["bellhop.press"];
  if (type === "m.room.message") {
    return { sender, at, kind: "message", thread: threadOf({ "m.relates_to": relation }), ...(press === undefined ? {} : { press }) };
  }
  const { event_id: target, key } = relation ?? {};
  const reaction = target === undefined || key === undefined ? undefined : { target, emoji: plainEmoji(key) };
  return { sender, at, kind: "reaction", ...(reaction && { reaction }) };
}
