import type { Address } from "@bellhop/contracts";
import type { Adapter, Place, Resolution, SendResult, Standing, Tried } from "@bellhop/gateway";
import type { types } from "@slack/bolt";
import { nameOf } from "./emoji.ts";
import { failureOf, type Failure } from "./failure.ts";
import { look, metadataOf } from "./find.ts";
import { findLane, lanesOf, postLanes } from "./lanes.ts";
import type { WebClient } from "./sdk.ts";
import { isAmongMany, upload, uploadSettleMs } from "./upload.ts";
import { missing, write, type FilePiece, type SlackPiece, type TextPiece } from "./write.ts";

export type Voice = Required<
  Pick<Adapter<SlackPiece>, "write" | "post" | "reword" | "remove" | "find" | "react" | "below" | "lanes" | "atOnce" | "settleMs">
>;

interface Speaker {
  client: WebClient;
  /** After which an HTTP call is given up. */
  callMs: number;
  /** Told of each look into a history: somebody waits for what it shows. */
  onLook: () => void;
}

/** With what Slack refuses of its wishes. In a busy channel what is asked for in vain each time would use up all calls that Slack takes there, and nothing would be said. */
interface Speaking extends Speaker {
  /** Whether the app may not speak under other names. One that may later is told apart when the gateway starts. */
  isNameless: boolean;
  /** The wordings whose own blocks were refused. */
  readonly plain: Set<string>;
}

/** Everything that is said to Slack, one call each. */
export function createVoice(of: Speaker): Voice {
  const speaker: Speaking = { ...of, isNameless: false, plain: new Set() };
  return {
    write,
    lanes: lanesOf,
    // Each that -9 leaves in doubt is looked up by a method of 50 calls a minute; posts go out at five a second.
    atOnce: 8,
    // Slack may go on with a call for as long as we would have waited for its answer, and needs a moment to show what came of it.
    settleMs: Math.round(speaker.callMs * 1.1),
    post: (piece, at) => (at.again === true ? postAgain(speaker, piece, at) : post(speaker, piece, at)),
    reword: (piece, at) => reword(speaker, piece, at),
    remove: (at) => remove(speaker, at),
    find: (piece, at) => find(speaker, piece, at),
    react: (reaction) => react(speaker, reaction),
    // A file has no thread of its own.
    below: (ref, to) => (isFile(ref) ? to : { ...to, thread: ref }),
  };
}

async function post(speaker: Speaking, piece: SlackPiece, at: Place): Promise<SendResult> {
  if (piece.kind === "file") return postFile(speaker, piece, at);
  const say = (words: TextPiece) => (isAmongMany(at) ? whisper(speaker, words, at) : postMessage(speaker, words, at));
  return asWished(speaker, { piece, at, say });
}

/** A pack's own blocks that Slack does not take are left out, and a name that the app may not use: then the words say it, under its own. A no leaves
 *  nothing behind, so that the next try says it once. */
async function asWished(
  speaker: Speaking,
  wish: { piece: TextPiece; at: Place; say: (words: TextPiece) => Promise<SendResult> },
): Promise<SendResult> {
  const { own, voice, ...words } = wish.piece;
  const wording = `${wish.at.key} ${wish.at.revision}`;
  const blocks = own !== undefined && !speaker.plain.has(wording) ? { own } : {};
  const name = voice !== undefined && !speaker.isNameless ? { voice } : {};
  const said = await wish.say({ ...words, ...blocks, ...name });
  if (said.kind !== "refused") return said;
  if ("own" in blocks && said.why.startsWith("invalid_blocks")) {
    if (speaker.plain.size >= mostPlain) speaker.plain.clear();
    speaker.plain.add(wording);
  } else if ("voice" in name && said.why.startsWith("missing_scope")) speaker.isNameless = true;
  else return said;
  return asWished(speaker, wish);
}

/** Those that are tried again soon are among the last. */
const mostPlain = 1_000;

/** Where no files may be shown, people read which, and why. */
async function postFile(speaker: Speaking, piece: FilePiece, at: Place): Promise<SendResult> {
  const result = await upload(speaker, piece, at);
  return result.kind === "refused" ? post(speaker, missing(piece.name, `can't be shown here (${result.why})`), at) : result;
}

/** @param channel also a person's id, for the direct conversation with them */
async function postMessage({ client }: Speaker, piece: TextPiece, at: Place, channel = at.to.channel): Promise<SendResult> {
  const thread_ts = channel === at.to.channel ? at.to.thread : undefined;
  try {
    const { ts } = await client.chat.postMessage({
      channel,
      ...worded(piece),
      ...piece.voice,
      ...(thread_ts === undefined ? {} : { thread_ts }),
      metadata: metadataOf(at),
      unfurl_links: false,
      unfurl_media: false,
    });
    return ts === undefined ? { kind: "unsure", why: "Slack's answer names no message" } : { kind: "sent", ref: ts };
  } catch (error) {
    return failureOf(error, postLanes(at.to)[0].name);
  }
}

/** Nobody can look for it afterwards, reword it or take it back: it is said at least once, and is gone when the person's client is opened anew. Who
 *  has left the channel gets it directly. */
async function whisper(speaker: Speaker, piece: TextPiece, at: Place & { only: string }): Promise<SendResult> {
  const { to, only: user } = at;
  const { channel, thread, message } = to;
  // In a thread that nobody has answered in Slack shows it to nobody: it stands beside the command then.
  const thread_ts = thread === message ? undefined : thread;
  try {
    const { message_ts: ref = "" } = await speaker.client.chat.postEphemeral({
      channel,
      user,
      ...worded(piece),
      ...piece.voice,
      ...(thread_ts === undefined ? {} : { thread_ts }),
    });
    return { kind: "sent", ref };
  } catch (error) {
    const failure = failureOf(error, postLanes(to)[0].name);
    return failure.why === "user_not_in_channel" ? postMessage(speaker, piece, at, user) : failure;
  }
}

/** An earlier try was unsure, and was not found: it may have come to stand since. Looks once more, and leaves one. */
async function postAgain(speaker: Speaking, piece: SlackPiece, at: Place): Promise<SendResult> {
  const said = await post(speaker, piece, at);
  if (said.kind !== "sent" || isAmongMany(at)) return said;
  speaker.onLook();
  const after = await look(speaker.client, { ...at, since: Date.now() - day });
  // Whoever looks next takes back what is too many.
  if (after.kind !== "looked") return { kind: "unsure", why: after.why };
  // A file is shown later than it is said: what is shown already came before it.
  const shown = after.standing.some(({ ref }) => ref === said.ref);
  return (await keepFirst(speaker, shown ? after.standing : [...after.standing, said], at)) ?? said;
}

/** Whoever has died may have left it so long ago. */
const day = 86_400_000;

async function find(speaker: Speaking, piece: SlackPiece, at: Tried): Promise<Resolution> {
  if (isAmongMany(at)) return { kind: "not-there" };
  const since = Date.parse(at.since);
  const left = piece.kind === "file" ? since + uploadSettleMs(piece, speaker.callMs) - Date.now() : 0;
  if (left > 0) return { kind: "unavailable", why: "the upload may still be on its way", retryAfterMs: left, lane: findLane(at.to) };
  speaker.onLook();
  const looked = await look(speaker.client, { ...at, since });
  return looked.kind === "looked" ? ((await keepFirst(speaker, looked.standing, at)) ?? { kind: "not-there" }) : looked;
}

/** Of what stands more than once, what people saw first stays. Undefined where nothing stands. */
async function keepFirst(
  speaker: Speaker,
  [first, ...more]: readonly { readonly ref: string }[],
  at: Place,
): Promise<Exclude<SendResult, { kind: "refused" }> | undefined> {
  for (const { ref } of more) {
    const removed = await remove(speaker, { ...at, ref });
    if (removed.kind !== "sent") return { kind: "unsure", why: `what stands twice could not be taken back: ${removed.why}` };
  }
  return first && { kind: "sent", ref: first.ref };
}

async function reword(speaker: Speaking, piece: SlackPiece, at: Standing): Promise<SendResult> {
  if (isAmongMany(at)) return post(speaker, piece, at);
  if (piece.kind === "file" || isFile(at.ref)) return replace(speaker, piece, at);
  return asWished(speaker, { piece, at, say: (words) => update(speaker, words, at) });
}

async function update(speaker: Speaker, piece: TextPiece, at: Standing): Promise<SendResult> {
  const { text, blocks = [], attachments = [] } = worded(piece);
  try {
    // Blocks and attachments are said even where there are none: those of the wording before must not stay.
    await speaker.client.chat.update({ channel: at.to.channel, ts: at.ref, text, blocks, attachments, metadata: metadataOf(at) });
    return { kind: "sent", ref: at.ref };
  } catch (error) {
    const failure = failureOf(error, "chat.update");
    return failure.kind === "refused" && unchangeable.has(failure.why) ? { ...failure, gone: true } : failure;
  }
}

/** No file becomes a text or another file: the new one is said, then the old one taken back. Found where it was left, so that it can be repeated. */
async function replace(speaker: Speaking, piece: SlackPiece, at: Standing): Promise<SendResult> {
  const said = await postAgain(speaker, piece, at);
  if (said.kind !== "sent" || said.ref === at.ref) return said;
  const removed = await remove(speaker, at);
  return removed.kind === "sent" || removed.kind === "refused" ? said : removed;
}

async function remove(speaker: Speaker, at: Standing): Promise<SendResult> {
  // It goes by itself.
  if (isAmongMany(at) && !isFile(at.ref)) return { kind: "sent", ref: at.ref };
  return isFile(at.ref) ? removeFile(speaker, at.ref) : removeMessage(speaker, { channel: at.to.channel, ts: at.ref });
}

async function removeMessage({ client }: Speaker, { channel, ts }: { channel: string; ts: string }): Promise<SendResult> {
  try {
    await client.chat.delete({ channel, ts });
  } catch (error) {
    const failure = failureOf(error, "chat.delete");
    if (failure.kind !== "refused" || !gone.has(failure.why)) return failure;
  }
  return { kind: "sent", ref: ts };
}

/** First the messages that show it, which would stay without it. */
async function removeFile(speaker: Speaker, id: string): Promise<SendResult> {
  const { client } = speaker;
  try {
    const { file } = await client.files.info({ file: id });
    for (const kind of [file?.shares?.public, file?.shares?.private]) {
      for (const [channel, shares] of Object.entries(kind ?? {})) {
        for (const { ts = "" } of shares) {
          const removed = await removeMessage(speaker, { channel, ts });
          if (removed.kind !== "sent") return removed;
        }
      }
    }
    await client.files.delete({ file: id });
  } catch (error) {
    const failure: Failure = failureOf(error, "files");
    if (failure.kind !== "refused" || !gone.has(failure.why)) return failure;
  }
  return { kind: "sent", ref: id };
}

async function react({ client }: Speaker, { to, emoji, gone: away }: { to: Address; emoji: string; gone: boolean }): Promise<SendResult> {
  const name = nameOf(emoji);
  if (name === undefined) return { kind: "refused", why: `Slack has no name for ${emoji} that we know` };
  if (to.message === undefined) return { kind: "refused", why: "there is no message to react to" };
  const reaction = { channel: to.channel, timestamp: to.message, name };
  try {
    await (away ? client.reactions.remove(reaction) : client.reactions.add(reaction));
  } catch (error) {
    const failure = failureOf(error, away ? "reactions.remove" : "reactions.add");
    const isSo = away ? ["no_reaction", "message_not_found"] : ["already_reacted"];
    if (failure.kind !== "refused" || !isSo.includes(failure.why)) return failure;
  }
  return { kind: "sent", ref: name };
}

function worded({ text, blocks, own, attachments }: TextPiece) {
  // Slack's own types want arrays that could be written to.
  const shown = own ?? (blocks as readonly types.KnownBlock[] | undefined);
  return {
    text,
    ...(shown && { blocks: structuredClone([...shown]) }),
    ...(attachments && { attachments: structuredClone([...attachments]) }),
    link_names: false as const,
  };
}

/** Files' ids begin with an F, messages' are times. */
function isFile(ref: string): boolean {
  return ref.startsWith("F");
}

/** docs.slack.dev/reference/methods/chat.update, "Errors": taken away, too old to be edited, or not ours to edit any more. */
const unchangeable: ReadonlySet<string> = new Set(["message_not_found", "edit_window_closed", "cant_update_message"]);

/** Who says so has nothing any more that could be taken back. */
const gone: ReadonlySet<string> = new Set(["message_not_found", "channel_not_found", "file_not_found", "file_deleted"]);
