import { z } from "zod";
import { failureOf } from "./outcome.ts";
import type { MatrixClient } from "./sdk.ts";

/** The bytes of a file that somebody sent, as they come: the SDK would hold all of them in memory.
 *  @param at.media as its `mxc://` goes on; absent where it can't be read at all
 *  @throws when it can't be had */
export async function downloadMedia(
  { homeserverUrl, accessToken }: MatrixClient,
  at: { media: string | undefined; timeoutMs: number },
): Promise<ReadableStream<Uint8Array>> {
  if (at.media === undefined) throw new Error("it is encrypted, or no file of a homeserver");
  const [server = "", id = ""] = at.media.split("/");
  const url = `${homeserverUrl}/_matrix/client/v1/media/download/${encodeURIComponent(server)}/${encodeURIComponent(id)}`;
  const answer = await fetch(url, {
    headers: { Authorization: `Bearer ${accessToken}` },
    signal: AbortSignal.timeout(at.timeoutMs * slower),
  });
  if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status}`);
  return answer.body;
}

export type Uploaded = { readonly kind: "kept"; readonly url: string } | { readonly kind: "refused"; readonly why: string };

/** Gives a file to the homeserver. Nobody sees it before an event names it: it may be done again.
 *  @throws when it may work later */
export async function uploadMedia(
  client: MatrixClient,
  { bytes, name, type, timeoutMs }: { bytes: Uint8Array; name: string; type: string; timeoutMs: number },
): Promise<Uploaded> {
  // Asked first: Synapse breaks the connection while we still write, which looks like a network that failed.
  const largest = await largestUpload(client, timeoutMs);
  if (bytes.byteLength > largest)
    return { kind: "refused", why: `${megabytes(bytes.byteLength)}, and this homeserver takes ${megabytes(largest)}` };
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const path = "/_matrix/media/v3/upload";
    const answer: unknown = await client.doRequest("POST", path, { filename: name }, body, timeoutMs * slower, false, type);
    return { kind: "kept", url: Kept.parse(answer).content_uri };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === "refused") return { kind: "refused", why: `this homeserver does not take it (${failure.why})` };
    throw error;
  }
}

/** A file takes longer than an event; the homeserver may have to fetch it from another one first. */
const slower = 4;

async function largestUpload(client: MatrixClient, timeoutMs: number): Promise<number> {
  try {
    const answer: unknown = await client.doRequest("GET", "/_matrix/client/v1/media/config", null, null, timeoutMs);
    return Config.parse(answer)["m.upload.size"] ?? Infinity;
  } catch (error) {
    // Homeservers before Matrix 1.11 do not have it there.
    if (failureOf(error).kind === "refused") return Infinity;
    throw error;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}

const Kept = z.object({ content_uri: z.string().startsWith("mxc://") });
const Config = z.object({ "m.upload.size": z.number().nullish() });
