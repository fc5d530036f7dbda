import { readFileSync } from "node:fs";
import { scaled, type Message } from "@bellhop/contracts";
import type { TestInbox } from "@bellhop/gateway/testing";
import { Secret, silentLog } from "@bellhop/service";
import type { FakeSlack } from "@bellhop/testkit/slack";
import { openSlack } from "./connection.ts";

/** What the tests of the adapter share: the account on a fake Slack that grants what the manifest asks for, and no more. */
export function open({ bot, apiUrl }: FakeSlack, { log = silentLog } = {}) {
  const slack = { botToken: new Secret(bot.token), appToken: new Secret(bot.appToken), apiUrl, sockets: 2 };
  return openSlack({ slack, durations: scaled(0.1), log });
}

const manifest = readFileSync(new URL("../../../docs/platforms/slack-manifest.yaml", import.meta.url), "utf8");
export const scopes = [...manifest.matchAll(/^ {6}- ([a-z_]+:[a-z]+)$/gm)].map(([, scope = ""]) => scope);

/** Redelivers at once and after 100 ms, then gives up, so that a test need not wait for minutes. Acknowledgements and presses are waited for on a loaded machine, too. */
export const quick = { ackTimeoutMs: 1_000, pressTimeoutMs: 20_000, retryDelaysMs: [0, 100], scopes };

export function textsOf(inbox: TestInbox): string[] {
  return messagesOf(inbox).map(({ content }) => content.text);
}

export function messagesOf(inbox: TestInbox): Message[] {
  return inbox.heard.flatMap((heard) => (heard.kind === "message" ? [heard.message] : []));
}
