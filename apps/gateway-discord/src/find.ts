import { z } from "zod";
import { insteadOfFiles, type DiscordPiece } from "./write.ts";

/** The message that a piece stands as, among our own, oldest first. Discord tells nobody the nonce of a message that is read again: a piece is known by what
 *  it answers and how it looks; of several that look the same, by its place among them.
 *  @param at.reference the message it answers, where it shows one
 *  @returns its id */
export function standingAs(
  piece: DiscordPiece,
  at: { account: string; reference: string | undefined; messages: readonly unknown[] },
): string | undefined {
  const own = at.messages.flatMap((message) => Found.safeParse(message).data ?? []).filter(({ author }) => author.id === at.account);
  const alike = own.filter((message) => looksLike(message, piece) || (piece.files.length > 0 && looksLike(message, insteadOfFiles(piece))));
  const answers = alike.filter(({ message_reference: { message_id } = {} }) => message_id === at.reference);
  // What answered a message that was deleted by then shows none.
  const candidates = answers.length > 0 ? answers : alike.filter((message) => message.message_reference === undefined);
  return candidates[piece.nth]?.id;
}

/** Whether two texts say the same, whatever Discord made of white space. */
export function sameText(one: string, other: string): boolean {
  return bare(one) === bare(other);
}

function looksLike({ content, attachments }: Found, piece: Pick<DiscordPiece, "content" | "files">): boolean {
  if (!sameText(content, piece.content) || attachments.length !== piece.files.length) return false;
  // Discord changes names of files.
  return piece.files.every(({ name, bytes }, at) => attachments[at]?.size === bytes || sameName(attachments[at]?.filename ?? "", name));
}

function sameName(one: string, other: string): boolean {
  const letters = (name: string) => name.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
  return letters(one) === letters(other);
}

function bare(text: string): string {
  return text.replaceAll("\u200b", "").replace(/\s+/g, " ").trim();
}

const Found = z.object({
  id: z.string(),
  author: z.object({ id: z.string() }),
  content: z.string(),
  attachments: z.array(z.object({ filename: z.string(), size: z.int() })),
  message_reference: z.object({ message_id: z.string().optional() }).optional(),
});
type Found = z.infer<typeof Found>;
