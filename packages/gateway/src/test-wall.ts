import { connectBus, several, type Bus } from "@bellhop/bus";
import { streams, subjects, type Conversation, type Durations, type Message } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import type { Heard } from "./adapter.ts";

/** What people write on the wall of an account of the platform `board`, for tests of how it is stored. */
export function wall(account: string, channel = "wall") {
  const platform = "board";
  const conversation: Conversation = { channel, kind: "room" };
  const about = (id: string, what: string) => ({
    v: 1 as const,
    key: `${platform}/${account}//${channel}/${id}/${what}`,
    platform,
    account,
    conversation,
    original: { key: `${platform}/${account}//${channel}/${id}`, sentAt },
  });
  const author = { platform, id: "ana", kind: "human" as const };
  const replyTo = { platform, account, channel };

  function message(id: string, over: Partial<Message> = {}): Message {
    return {
      v: 1,
      key: `${platform}/${account}//${channel}/${id}`,
      platform,
      account,
      conversation,
      author,
      content: { text: `echo ${id}` },
      addressed: "prefix",
      origin: "live",
      replyTo,
      sentAt,
      ...over,
    };
  }

  return {
    message,
    said: (id: string, over?: Partial<Message>): Heard => ({ kind: "message", message: message(id, over) }),
    edited: (id: string): Heard => ({ kind: "edited", edited: { ...about(id, "e1"), author, editedAt: sentAt } }),
    deleted: (id: string): Heard => ({ kind: "deleted", deleted: { ...about(id, "d"), deletedAt: sentAt } }),
    reacted: (id: string, emoji: string): Heard => ({
      kind: "reacted",
      reacted: { ...about(id, `r${emoji}`), by: author, emoji, added: true, replyTo, at: sentAt },
    }),
  };
}

/** What NATS holds of one account, as it comes in: each by kind and last part of its key. Takes it away. */
export async function listen(
  bus: Bus,
  account: string,
): Promise<{ heard: readonly string[]; until(count: number): Promise<void>; stop(): Promise<void> }> {
  const heard: string[] = [];
  const watching = new Set<() => void>();
  const { received, edited, deleted, reacted } = subjects.message;
  const of = { platform: "board", account };
  const consumption = await bus.consume({
    subject: several({ received, edited, deleted, reacted }),
    stream: streams.message,
    filter: [received, edited, deleted, reacted].map((subject) => subject.filter(of)),
    durable: `test_${account}`,
    concurrency: 1,
    keyOf: () => "",
    async handle({ kind, payload }) {
      heard.push(`${kind} ${payload.key.split("/").slice(4).join("/")}`);
      for (const look of watching) look();
    },
  });
  return {
    heard,
    until: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (heard.length < count) return;
          watching.delete(look);
          resolve();
        };
        watching.add(look);
        look();
      }),
    stop: () => consumption.drain(),
  };
}

export function connectAs(role: "operator" | "gateway", at: { url: string; credentials: string; durations: Durations }): Promise<Bus> {
  return connectBus({ ...at, name: role, role, log: silentLog });
}

const sentAt = "2026-01-01T00:00:00.000Z";
