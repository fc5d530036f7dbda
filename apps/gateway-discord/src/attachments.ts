import type { FileRef } from "@bellhop/contracts";
import type { Inbox } from "@bellhop/gateway";
import type { Attachment } from "./payloads.ts";

/** Keeps the files that came with a message, one after the other. */
export async function keepFiles(
  attachments: readonly Attachment[],
  { inbox, closing }: { inbox: Pick<Inbox, "keep">; closing: AbortSignal },
): Promise<FileRef[]> {
  const files: FileRef[] = [];
  for (const { filename: name, content_type: type = "application/octet-stream", size: bytes, url } of attachments) {
    files.push(await inbox.keep({ name, type: type.replace(/;.*/s, "").trim(), bytes, open: () => download(url, closing) }));
  }
  return files;
}

/** The address is signed: it needs no token, and nobody there is to have ours. */
async function download(url: string, closing: AbortSignal): Promise<ReadableStream<Uint8Array> | Uint8Array> {
  const answer = await fetch(url, { signal: closing });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.body ?? new Uint8Array();
}
