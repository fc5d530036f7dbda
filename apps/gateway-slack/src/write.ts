import { fieldsOf, type Body, type Card, type Choices, type FileRef, type Send } from "@bellhop/contracts";
import { compose, writeSlack, type SlackBlock } from "@bellhop/gateway/markdown";
import type { types } from "@slack/bolt";
import { actionBlocks } from "./pressable.ts";

/** What one call to Slack says: a message, or a file. */
export type SlackPiece = TextPiece | FilePiece;

export interface TextPiece {
  readonly kind: "text";
  /** mrkdwn; with blocks, what notifications show. */
  readonly text: string;
  readonly blocks?: readonly (SlackBlock | types.ActionsBlock)[];
  /** Cards. */
  readonly attachments?: readonly types.MessageAttachment[];
  /** Blocks as a pack wrote them, in the place of the text: Slack may refuse them. */
  readonly own?: readonly types.KnownBlock[];
  /** Whose name and picture stand above it; what was said keeps them. */
  readonly voice?: Voice;
}

/** Fields of chat.postMessage (docs.slack.dev/reference/methods/chat.postMessage), which want the scope chat:write.customize. */
export type Voice = { readonly username?: string } & ({ readonly icon_emoji?: string } | { readonly icon_url?: string });

export interface FilePiece {
  readonly kind: "file";
  readonly name: string;
  readonly content: { readonly kind: "text"; readonly text: string } | { readonly kind: "kept"; readonly file: FileRef };
}

/** chat.update refuses a text from 4,000 bytes on, chat.postMessage takes ten times as much: one limit for both, or an edit could not say what a post
 *  did. */
const limit = { n: 3_900, unit: "bytes" } as const;
/** What stands above buttons is a section (docs.slack.dev/reference/block-kit/blocks/section-block). */
const sectionLimit = { n: 3_000, unit: "bytes" } as const;

/** A send as Slack's messages: its text in parts, or as a file where it is too long for a chat; then what is attached. */
export function write({ body }: Send): readonly SlackPiece[] {
  const mentions = body.mentions?.map(({ token, person }) => ({ token, platformId: person }));
  const { choices } = body;
  const composed = compose(body.text, { write: writeSlack, limit: choices === undefined ? limit : sectionLimit, mentions });
  const said: SlackPiece[] =
    composed.kind === "parts"
      ? composed.parts.map(textPiece)
      : [textPiece(composed.intro), { kind: "file", name: composed.name, content: { kind: "text", text: composed.text } }];
  const words = withShown(choices === undefined ? said : withChoices(said, choices), body);
  const voice = voiceIn(body.native?.["slack"]);
  const voiced = voice === undefined ? words : words.map((piece) => (piece.kind === "text" ? { ...piece, voice } : piece));
  const pieces = [...voiced, ...(body.files ?? []).map(attached)];
  // Slack refuses a message that says nothing.
  return pieces.length > 0 ? pieces : [{ kind: "text", text: " " }];
}

/** With cards below the last of the words, and with the pack's own blocks where they are to stand for words of one piece. */
function withShown(said: readonly SlackPiece[], { cards = [], native }: Body): readonly SlackPiece[] {
  const at = said.findLastIndex(({ kind }) => kind === "text");
  const words = said[at];
  if (words?.kind !== "text") return said;
  const own = ownBlocks(native?.["slack"]);
  const piece = {
    ...words,
    ...(cards.length === 0 ? {} : { attachments: cards.map(attachmentOf) }),
    ...(own.length === 0 || said.length > 1 || words.blocks !== undefined ? {} : { own }),
  };
  return said.with(at, piece);
}

/** So many blocks may a message have (docs.slack.dev/reference/block-kit/blocks). */
const mostBlocks = 50;

function ownBlocks(native: unknown): types.KnownBlock[] {
  if (typeof native !== "object" || native === null || !("blocks" in native) || !Array.isArray(native.blocks)) return [];
  // What they are is for Slack to judge.
  return native.blocks.slice(0, mostBlocks) as types.KnownBlock[];
}

function voiceIn(native: unknown): Voice | undefined {
  const { username, icon_emoji, icon_url } = fieldsOf(native);
  // Slack takes one picture, and would rather have the emoji.
  const icon = typeof icon_emoji === "string" ? { icon_emoji } : typeof icon_url === "string" ? { icon_url } : undefined;
  if (typeof username !== "string") return icon;
  return { username, ...icon };
}

/** docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments */
function attachmentOf({ color, author, title, url, text, fields = [], image, thumbnail, footer }: Card): types.MessageAttachment {
  const mrkdwn = (words: string) => compose(words, { write: writeSlack, limit: cardLimit });
  const written = (words: string) => {
    const composed = mrkdwn(words);
    return composed.kind === "parts" ? composed.parts.map((part) => part.text).join("\n") : composed.intro.text;
  };
  return {
    fallback: title ?? text ?? author?.name ?? footer ?? "",
    mrkdwn_in: ["text", "fields"],
    ...(color === undefined ? {} : { color }),
    ...(author === undefined ? {} : { author_name: author.name, author_link: author.url, author_icon: author.icon }),
    ...(title === undefined ? {} : { title, ...(url === undefined ? {} : { title_link: url }) }),
    ...(text === undefined ? {} : { text: written(text) }),
    ...(fields.length === 0
      ? {}
      : { fields: fields.map(({ name, value, short = false }) => ({ title: name, value: written(value), short })) }),
    ...(image === undefined ? {} : { image_url: image }),
    ...(thumbnail === undefined ? {} : { thumb_url: thumbnail }),
    ...(footer === undefined ? {} : { footer }),
  };
}

const cardLimit = { n: 8_000, unit: "bytes" } as const;

/** Below the last of the words. */
function withChoices(said: readonly SlackPiece[], choices: Choices): SlackPiece[] {
  const at = said.findLastIndex(({ kind }) => kind === "text");
  const words = said[at] ?? { kind: "text", text: " " };
  if (words.kind !== "text") throw new Error("the piece that was found is a text");
  const { text, blocks } = words;
  const section: SlackBlock = { type: "section", text: { type: "mrkdwn", text, verbatim: true }, expand: true };
  const piece: TextPiece = { ...words, blocks: [...(blocks ?? [section]), ...actionBlocks(choices)] };
  return at < 0 ? [piece, ...said] : said.with(at, piece);
}

function textPiece({ text, blocks }: { text: string; blocks?: readonly SlackBlock[] }): TextPiece {
  return { kind: "text", text, ...(blocks && { blocks }) };
}

function attached(file: FileRef): SlackPiece {
  if (file.object === undefined) return missing(file.name, reasons[file.lost ?? "unreadable"]);
  // files.getUploadURLExternal takes no file of no bytes.
  return file.bytes === 0 ? missing(file.name, "is empty") : { kind: "file", name: file.name, content: { kind: "kept", file } };
}

/** What stands where a file can't. */
export function missing(name: string, why: string): TextPiece {
  const words = [
    { type: "inlineCode", value: name },
    { type: "text", value: ` ${why}` },
  ] as const;
  return textPiece(writeSlack([{ type: "paragraph", children: [...words] }], []));
}

const reasons: Readonly<Record<NonNullable<FileRef["lost"]>, string>> = {
  too_large: "is too large to be kept",
  unreadable: "could not be read",
  too_many: "are too many to be shown",
};
