import type { FileRef } from "@bellhop/contracts";
import type { Inbox } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import type { SlackSettings } from "./config.ts";
import { failureOf } from "./failure.ts";
import type { SlackFile } from "./payloads.ts";
import type { WebClient } from "./sdk.ts";

export interface DownloadOptions {
  client: WebClient;
  slack: SlackSettings;
  callMs: number;
  log: Log;
}

/** Keeps the files that came with a message. Never rejects. */
export function createDownload({
  client,
  slack,
  callMs,
  log,
}: DownloadOptions): (files: readonly SlackFile[], keep: Inbox["keep"]) => Promise<FileRef[]> {
  /** Of files in channels that workspaces share, an event tells the id and no more. */
  async function whole(file: SlackFile): Promise<SlackFile> {
    if (file.file_access !== "check_file_info" || file.id === undefined) return file;
    try {
      const { file: found = {} } = await client.files.info({ file: file.id });
      return { ...file, ...found, mode: found.mode ?? file.mode };
    } catch (error) {
      log.warn({ file: file.id, why: failureOf(error).why }, "Slack does not tell of a file");
      return file;
    }
  }

  async function open({ url_private_download, url_private, mimetype }: SlackFile): Promise<ReadableStream<Uint8Array>> {
    const url = url_private_download ?? url_private;
    if (url === undefined) throw new Error("Slack gives no address for it");
    if (!isSlacks(url, slack.apiUrl)) throw new Error(`${new URL(url).host} is not Slack's: our token stays here`);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(new Error(`no answer for ${callMs} ms`)), callMs);
    // A redirect leads to where people sign in.
    const request = {
      headers: { Authorization: `Bearer ${slack.botToken.reveal()}` },
      redirect: "manual",
      signal: patience.signal,
    } as const;
    const answer = await fetch(url, request).finally(() => clearTimeout(timer));
    // Who may not read files is shown a page to sign in, with status 200.
    const type = answer.headers.get("content-type") ?? "";
    const isPage = type.startsWith("text/html") && mimetype !== undefined && !mimetype.startsWith("text/html");
    if (answer.ok && !isPage && answer.body !== null) return answer.body;
    await answer.body?.cancel();
    throw new Error(answer.ok ? "Slack wants us to sign in: the app lacks files:read" : `HTTP ${answer.status}`);
  }

  return (files, keep) =>
    Promise.all(
      files.map(async (told) => {
        const file = await whole(told);
        const name = file.name || file.title || "file";
        return keep({ name, type: file.mimetype ?? "", bytes: file.size ?? 0, open: () => open(file) });
      }),
    );
}

/** Whether our token may be sent there: to Slack (that of governments too), or to where the configuration says the Web API is. */
export function isSlacks(address: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, origin } = new URL(address);
  if (apiUrl !== undefined && origin === new URL(apiUrl).origin) return true;
  return protocol === "https:" && /(^|\.)(slack\.com|slack-gov\.com)$/.test(hostname);
}
