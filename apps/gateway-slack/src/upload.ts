import { unanswered, type Place, type SendResult } from "@bellhop/gateway";
import { failureOf, httpFailure, surely, type Failure } from "./failure.ts";
import { blockIdOf } from "./find.ts";
import type { WebClient } from "./sdk.ts";
import type { FilePiece } from "./write.ts";

/** Puts a file where the address says, or before one person alone. The ref is the file's id: Slack shows it a moment after it has said yes, so that its
 *  message has no name yet. Nothing stands before the last of the calls. */
export async function upload({ client, callMs }: { client: WebClient; callMs: number }, piece: FilePiece, at: Place): Promise<SendResult> {
  const bytes = piece.content.kind === "text" ? Buffer.from(piece.content.text) : await at.read(piece.content.file);
  const ends = performance.now() + uploadMs(piece, callMs);
  const ticket = await prepare(client, { name: piece.name, bytes, ends });
  if ("kind" in ticket) return surely(ticket);
  const where = await placeOf(client, at);
  if ("kind" in where) return surely(where);
  try {
    await client.files.completeUploadExternal({
      files: [{ id: ticket.id, title: piece.name }],
      ...where,
      blocks: [{ type: "section", block_id: blockIdOf(at), text: { type: "plain_text", text: piece.name.slice(0, 3_000) } }],
    });
    return { kind: "sent", ref: ticket.id };
  } catch (error) {
    return failureOf(error, "files");
  }
}

/** How long after it was begun an upload may still come to stand: until its last call is over. */
export function uploadSettleMs(piece: FilePiece, callMs: number): number {
  return uploadMs(piece, callMs) + 2 * callMs;
}

/** A hundred bytes each millisecond are slow; what is slower is given up, and begun again. */
function uploadMs({ content }: FilePiece, callMs: number): number {
  const bytes = content.kind === "text" ? Buffer.byteLength(content.text) : content.file.bytes;
  return callMs + Math.ceil(bytes / 100);
}

/** Brings the bytes to Slack, which keeps them to itself until it is told where they belong. */
async function prepare(
  client: WebClient,
  { name, bytes, ends }: { name: string; bytes: Uint8Array; ends: number },
): Promise<{ id: string } | Failure> {
  try {
    const { upload_url: url, file_id: id } = await client.files.getUploadURLExternal({ filename: name, length: bytes.byteLength });
    if (url === undefined || id === undefined) return { kind: "unavailable", why: "Slack's answer names no address" };
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(ends - performance.now())));
    const answer = await fetch(url, { method: "POST", body: new Uint8Array(bytes), signal }).catch(unanswered);
    if (!(answer instanceof Response)) return answer;
    await answer.body?.cancel();
    return answer.ok ? { id } : httpFailure(answer.status);
  } catch (error) {
    return failureOf(error, "files");
  }
}

/** A file can't be shown to one person in a room of many: they get it in their direct conversation with us. */
async function placeOf(client: WebClient, at: Place): Promise<{ channel_id: string; thread_ts?: string } | Failure> {
  const { channel: channel_id, thread: thread_ts } = at.to;
  if (!isAmongMany(at)) return thread_ts === undefined ? { channel_id } : { channel_id, thread_ts };
  try {
    const { channel } = await client.conversations.open({ users: at.only });
    return channel?.id === undefined ? { kind: "unavailable", why: "Slack's answer names no conversation" } : { channel_id: channel.id };
  } catch (error) {
    return failureOf(error, "files");
  }
}

/** Whether something for one person alone would be seen by others. */
export function isAmongMany<At extends Pick<Place, "to" | "only">>(at: At): at is At & { readonly only: string } {
  return at.only !== undefined && !at.to.channel.startsWith("D");
}
