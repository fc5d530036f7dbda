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
  // files.getUploadURLExternal takes no file of no bytes.
  const why = file.object === undefined ? (reasons[file.lost ?? "unreadable"] ?? "not kept") : file.bytes === 0 ? "empty" : undefined;
  if (why === undefined) return { kind: "file", name: file.name, content: { kind: "kept", file } };
  return textPiece(
    writeSlack(
      [
        {
          type: "paragraph",
          children: [
            { type: "inlineCode", value: file.name },
            { type: "text", value: `: ${why}` },
          ],
        },
      ],
      [],
    ),
  );
}

const reasons: Readonly<Record<NonNullable<FileRef["lost"]>, string>> = {
  too_large: "too large to be kept",
  unreadable: "could not be read",
  too_many: "not shown, there are too many",
};
