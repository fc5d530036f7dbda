// What the bare programs of all platforms do on NATS: the same durable writes as a gateway, and nothing else.
import { randomUUID } from "node:crypto";
import type { Address, Send } from "@bellhop/contracts";
import { child } from "../child.ts";
import { floorAccount } from "../gateways/order.ts";
import { durable, pullAhead, writeHeaders } from "./plan.ts";
import { openWire } from "./wire.ts";

export interface FloorGateway {
  /** Stores what was heard. `then` may tell the platform. */
  received(
    heard: { id: string; channel: string; author: string; text: string; replyTo: Omit<Address, "platform" | "account"> },
    then?: () => void,
  ): void;
  /** Calls `post` for each send, between two writes of its receipt. */
  sends(post: (send: Send) => Promise<string>): Promise<void>;
}

export async function openFloorGateway(platform: string): Promise<FloorGateway> {
  const wire = await openWire({ ...child.plan, name: `floor ${platform}` });
  /** Channels spread over the shards in turn. */
  const shardOf = new Map<string, number>();
  return {
    received({ id, channel, author, text, replyTo }, then = () => {}) {
      const shard = shardOf.get(channel) ?? shardOf.size % child.plan.shards;
      shardOf.set(channel, shard);
      const key = `${platform}/${floorAccount}/${channel}/${id}`;
      const message = {
        v: 1,
        key,
        platform,
        account: floorAccount,
        conversation: { channel, kind: "room" },
        author: { platform, id: author, kind: "human" },
        content: { text },
        addressed: "prefix",
        origin: "live",
        replyTo: { platform, account: floorAccount, ...replyTo },
        sentAt: new Date().toISOString(),
      };
      const subject = `message.received.${platform}.${floorAccount}.${shard}`;
      wire.store(subject, JSON.stringify(message), then, writeHeaders({ id: `in:${key}` }));
    },
    async sends(post) {
      const consumer = `send_${platform}_${floorAccount}`;
      await durable(wire.nc, { stream: "SEND", name: consumer, filter: `message.send.${platform}.${floorAccount}` });
      const by = randomUUID();
      wire.pull({ stream: "SEND", consumer, batch: pullAhead }, (message) => {
        const send = message.json<Send>();
        const subject = `$KV.receipt.${send.key.replace("#", "_")}`;
        const receipt = { v: 1, key: send.key, revision: send.revision, state: "sending", by, at: new Date().toISOString() };
        const sending = JSON.stringify({ ...receipt, pieces: [{ state: "sending" }] });
        const called = (sequence: number) => {
          post(send).then(
            (ref) => {
              const sent = JSON.stringify({ ...receipt, state: "sent", pieces: [{ state: "sent", ref }] });
              wire.store(subject, sent, () => wire.ack(message), writeHeaders({ after: sequence }));
            },
            (error: unknown) => {
              process.stderr.write(`${String(error)}\n`);
              process.exit(1);
            },
          );
        };
        wire.store(subject, sending, called, writeHeaders({ after: 0 }));
      });
    },
  };
}
