import type { FileRef, Send } from "@bellhop/contracts";
import { compose, writeSlack, type SlackBlock } from "@bellhop/gateway/markdown";

/** What one call to Slack says: a message, or a file. */
export type SlackPiece = TextPiece | FilePiece;

export interface TextPiece {
  readonly kind: "text";
  /** mrkdwn; with blocks, what notifications show. */
  readonly text: string;
  readonly blocks?: readonly SlackBlock[];
}

export interface FilePiece {
  readonly kind: "file";
  readonly name: string;
  readonly content: { readonly kind: "text"; readonly text: string } | { readonly kind: "kept"; readonly file: FileRef };
}

/** chat.update refuses a text from 4,000 bytes on, chat.postMessage takes ten times as much: one limit for both, or an edit could not say what a post
 *  did. */
const limit = { n: 3_900, unit: "bytes" } as const;

/** A send as Slack's messages: its text in parts, or as a file where it is too long for a chat; then what is attached. */
export function write({ body }: Send): readonly SlackPiece[] {
  const mentions = body.mentions?.map(({ token, person }) => ({ token, platformId: person }));
  const composed = compose(body.text, { write: writeSlack, limit, mentions });
  const said: SlackPiece[] =
    composed.kind === "parts"
      ? composed.parts.map(textPiece)
      : [textPiece(composed.intro), { kind: "file", name: composed.name, content: { kind: "text", text: composed.text } }];
  const pieces = [...said, ...(body.files ?? []).map(attached)];
  // Slack refuses a message that says nothing.
  return pieces.length > 0 ? pieces : [{ kind: "text", text: " " }];
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
