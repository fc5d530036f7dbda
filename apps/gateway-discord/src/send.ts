import { hash, toProblem, type Address } from "@bellhop/contracts";
import type { Adapter, Call, Place, SendResult, Standing } from "@bellhop/gateway";
import type { RawFile } from "discord.js";
import { z } from "zod";
import { standingAs } from "./find.ts";
import { messagesAfter } from "./history.ts";
import type { Interactions } from "./interactions.ts";
import { laneOf } from "./lanes.ts";
import { refusalOf, resultOf } from "./outcome.ts";
import { componentsOf } from "./pressable.ts";
import { RESTJSONErrorCodes, Routes, type REST } from "./sdk.ts";
import { latest, snowflakeAt } from "./snowflake.ts";
import { insteadOfFiles, insteadOfWhisper, isWhisper, type DiscordPiece } from "./write.ts";

export type Sender = Required<Pick<Adapter<DiscordPiece>, "post" | "reword" | "remove" | "find" | "react" | "type" | "below">>;

export interface SenderOptions {
  account: string;
  /** For calls that change something: it tries nothing again, waits for nothing, and has a token. */
  rest: () => REST;
  /** For calls that only look: it may be patient. */
  looking: () => REST;
  wayBack: Interactions["wayBack"];
}

/** Says pieces. A ref is the channel and the message, with a slash between them: what one person alone may see stands elsewhere than where it was asked. */
export function createSender({ account, rest, looking, wayBack }: SenderOptions): Sender {
  /** The direct conversation with each person. */
  const direct = new Map<string, string>();

  return {
    async post(piece, at) {
      const beside = await sayBeside(piece, at);
      if (beside !== undefined) return beside;
      for (let now: Say = { piece, at }; ;) {
        const result = await post(now.piece, now.at);
        const instead = result.kind === "refused" ? insteadOf(now, result.why) : undefined;
        if (instead === undefined) return result;
        now = instead;
      }
    },

    async reword(piece, at) {
      // Discord shows it to that person until they leave, and keeps it nowhere.
      if (placed(at.ref).channel === besidePress) return { kind: "sent", ref: at.ref };
      // There it says that the answer can't be told here: that stays so.
      if (isWhisper(at) && placed(at.ref).channel === at.to.channel) return { kind: "sent", ref: at.ref };
      const result = await reword(piece, at);
      if (result.kind !== "refused") return result;
      if (unchangeable.has(codeIn(result.why))) return { ...result, gone: true };
      return isOfFiles(piece, result.why) ? reword(insteadOfFiles(piece), at) : result;
    },

    // A thread is a channel of its own here: what belongs below a message answers it.
    below: (ref, to) => (placed(ref).channel === to.channel ? { ...to, message: placed(ref).message } : to),

    remove(at) {
      const { channel, message } = placed(at.ref);
      if (channel === besidePress) return Promise.resolve({ kind: "sent", ref: at.ref });
      return attempt({ kind: "remove", to: at.to }, async () => {
        await unlessGone(() => rest().delete(Routes.channelMessage(channel, message)));
        return at.ref;
      });
    },

    react({ to, emoji, gone }) {
      const { channel, message } = to;
      if (message === undefined) return Promise.resolve({ kind: "refused", why: "there is no message to react to" });
      const route = Routes.channelMessageOwnReaction(channel, message, emoji);
      return attempt({ kind: "react", to }, async () => {
        if (gone) await unlessGone(() => awake(channel, () => rest().delete(route)));
        else await awake(channel, () => rest().put(route));
        return `${channel}/${message}`;
      });
    },

    async type({ channel }) {
      await rest().post(Routes.channelTyping(channel));
    },

    async find(piece, at) {
      const reference = isWhisper(at) ? undefined : at.to.message;
      const age = Date.now() - Date.parse(at.since);
      // By its look alone it may be taken for another; for so long Discord itself knows better, by the nonce.
      if (reference === undefined && age >= 0 && age < nonceMs) return { kind: "not-there" };
      try {
        const channel = await channelOf(at);
        // An answer stands after what it answers. The time is by our clock, the bound is compared with Discord's: a generous hour between them.
        const after = latest(reference ?? "0", snowflakeAt(Date.parse(at.since) - 3_600_000));
        const messages: unknown[] = [];
        for await (const page of messagesAfter({ rest: looking(), channel, after })) messages.push(...page.map(({ message }) => message));
        const id = standingAs(piece, { account, reference, messages });
        return id === undefined ? { kind: "not-there" } : { kind: "sent", ref: `${channel}/${id}` };
      } catch (error) {
        // Where the place is gone or closed to us, so is whatever was said there.
        if (lost.has(refusalOf(error) ?? 0)) return { kind: "not-there" };
        return { ...resultOf(error, laneOf({ kind: "find", to: at.to })), kind: "unavailable" };
      }
    },
  };

  /** To who pressed something there a moment ago Discord shows what is for them alone right there, at least once. Undefined where it does not. */
  async function sayBeside(piece: DiscordPiece, at: Place): Promise<SendResult | undefined> {
    const way = isWhisper(at) && at.only !== undefined && piece.files.length === 0 ? wayBack(at.to, at.only) : undefined;
    if (way === undefined) return undefined;
    const { embeds } = piece;
    const flags = forOneAlone | (embeds === undefined ? suppressEmbeds : 0);
    const body = { content: piece.content, ...(embeds && { embeds }), allowed_mentions: allowed(piece), flags };
    const said = await attempt({ kind: "post", to: at.to }, async () => {
      const answer = await rest().post(Routes.webhook(way.application, way.token), {
        body,
        auth: false,
        query: new URLSearchParams({ wait: "true" }),
      });
      return `${besidePress}/${Posted.parse(answer).id}`;
    });
    return said.kind === "sent" ? said : undefined;
  }

  function post(piece: DiscordPiece, at: Place): Promise<SendResult> {
    return attempt({ kind: "post", to: at.to }, async () => {
      const files = await contentsOf(piece, at);
      const channel = await channelOf(at).catch(surelyNotSaid);
      const body = {
        content: piece.content,
        nonce: hash(at.key).slice(0, longestNonce),
        enforce_nonce: true,
        allowed_mentions: allowed(piece),
        // Discord would leave ours out as well.
        ...(piece.embeds === undefined ? { flags: suppressEmbeds } : { embeds: [...piece.embeds] }),
        ...(piece.choices && { components: componentsOf(piece.choices) }),
        // Every piece shows what it answers, also where it is not the first: it is how we know it again. What was deleted meanwhile is answered all the same.
        ...(!isWhisper(at) &&
          at.to.message !== undefined && { message_reference: { message_id: at.to.message, fail_if_not_exists: false } }),
      };
      const answer = Posted.safeParse(await rest().post(Routes.channelMessages(channel), { body, files }));
      if (!answer.success) throw new Known({ kind: "unsure", why: "Discord's answer names no message" });
      return `${channel}/${answer.data.id}`;
    });
  }

  function reword(piece: DiscordPiece, at: Standing): Promise<SendResult> {
    const { channel, message } = placed(at.ref);
    return attempt({ kind: "reword", to: at.to }, async () => {
      const files = await contentsOf(piece, at);
      const attachments = files.map(({ name }, id) => ({ id, filename: name }));
      const components = piece.choices === undefined ? [] : componentsOf(piece.choices);
      const shown = piece.embeds === undefined ? { embeds: [] } : { embeds: piece.embeds, flags: 0 };
      const body = { content: piece.content, ...shown, allowed_mentions: allowed(piece), attachments, components };
      await awake(channel, () => rest().patch(Routes.channelMessage(channel, message), { body, files }));
      return at.ref;
    });
  }

  /** Opening a conversation that is open gives the same one. */
  async function channelOf(at: Pick<Place, "to" | "only">): Promise<string> {
    if (at.only === undefined || !isWhisper(at)) return at.to.channel;
    const known = direct.get(at.only);
    if (known !== undefined) return known;
    const { id } = Posted.parse(await rest().post(Routes.userChannels(), { body: { recipient_id: at.only } }));
    if (direct.size > mostDirect) direct.clear();
    direct.set(at.only, id);
    return id;
  }

  /** A thread that was archived meanwhile takes new messages, and no other change before it is active again. */
  async function awake(channel: string, call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (refusalOf(error) !== RESTJSONErrorCodes.InvalidActionOnArchivedThread) throw error;
      await rest().patch(Routes.channel(channel), { body: { archived: false } });
      await call();
    }
  }
}

interface Say {
  piece: DiscordPiece;
  at: Place;
}

/** What is said where Discord refuses a piece for good, so that nobody waits for it; undefined where nothing would go through. */
function insteadOf({ piece, at }: Say, why: string): Say | undefined {
  const code = codeIn(why);
  const isClosed = isWhisper(at) && closedToUs.has(code);
  // Once, however many pieces it has.
  if (isClosed) return piece.index === 0 ? { piece: insteadOfWhisper(at.only ?? ""), at: { ...at, only: undefined } } : undefined;
  const isUnseen = code === RESTJSONErrorCodes.CannotReplyWithoutPermissionToReadMessageHistory && at.to.message !== undefined;
  if (isUnseen) return { piece, at: { ...at, to: { ...at.to, message: undefined } } };
  return isOfFiles(piece, why) ? { piece: insteadOfFiles(piece), at } : undefined;
}

/** Whether the words would go through without the files. */
function isOfFiles({ files }: DiscordPiece, why: string): boolean {
  return files.length > 0 && (why.startsWith(unreadable) || withoutFiles.has(codeIn(why)));
}

function codeIn(why: string): number {
  return Number.parseInt(why, 10);
}

/** The ref that a call gives, or what its failure tells. */
async function attempt(call: Pick<Call, "kind"> & { to: Address }, make: () => Promise<string>): Promise<SendResult> {
  try {
    return { kind: "sent", ref: await make() };
  } catch (error) {
    return error instanceof Known ? error.result : resultOf(error, laneOf(call));
  }
}

/** A failure of which more is known than the SDK could say. */
class Known extends Error {
  readonly result: SendResult;

  constructor(result: SendResult) {
    super(result.kind);
    this.result = result;
  }
}

/** Before the call that says something. */
function surelyNotSaid(error: unknown): never {
  const result = resultOf(error);
  throw new Known(result.kind === "unsure" ? { ...result, kind: "unavailable" } : result);
}

async function contentsOf({ files }: DiscordPiece, at: Place): Promise<RawFile[]> {
  try {
    return await Promise.all(
      files.map(async (file) => ({
        name: file.name,
        contentType: file.type,
        data: "text" in file ? file.text : Buffer.from(await at.read(file.from)),
      })),
    );
  } catch (error) {
    const { retry, message } = toProblem(error);
    throw new Known(retry ? { kind: "unavailable", why: message } : { kind: "refused", why: `${unreadable}: ${message}` });
  }
}

function allowed({ pings }: DiscordPiece): { parse: never[]; users: string[]; replied_user: false } {
  return { parse: [], users: [...pings], replied_user: false };
}

async function unlessGone(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!gone.has(refusalOf(error) ?? 0)) throw error;
  }
}

function placed(ref: string): { channel: string; message: string } {
  const [channel = "", message = ""] = ref.split("/");
  return { channel, message };
}

const longestNonce = 25;
/** Discord says "the past few minutes" (…/docs/resources/message#create-message); less, to be sure. */
const nonceMs = 60_000;
const suppressEmbeds = 1 << 2;
const forOneAlone = 1 << 6;
/** Stands in a ref for the channel of what Discord keeps nowhere. */
const besidePress = "beside-press";
const mostDirect = 10_000;

const Posted = z.object({ id: z.string() });

const unreadable = "the file can't be read";
const { MaximumNumberOfEditsToMessagesOlderThanOneHourReached } = RESTJSONErrorCodes;
const { UnknownChannel, UnknownMessage, MissingAccess, MissingPermissions, RequestEntityTooLarge } = RESTJSONErrorCodes;
const { CannotSendMessagesToThisUser, CannotSendMessagesToThisUserDueToHavingNoMutualGuilds } = RESTJSONErrorCodes;
const closedToUs: ReadonlySet<number> = new Set([CannotSendMessagesToThisUser, CannotSendMessagesToThisUserDueToHavingNoMutualGuilds]);
const gone: ReadonlySet<number> = new Set([UnknownChannel, UnknownMessage]);
/** …/docs/topics/opcodes-and-status-codes#json: taken away, or edited too often for its age (30046). */
const unchangeable: ReadonlySet<number> = new Set([UnknownMessage, MaximumNumberOfEditsToMessagesOlderThanOneHourReached]);
const lost: ReadonlySet<number> = new Set([UnknownChannel, MissingAccess, MissingPermissions]);
const withoutFiles: ReadonlySet<number> = new Set([RequestEntityTooLarge, MissingPermissions]);
