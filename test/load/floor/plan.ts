import { headers, type MsgHdrs, type NatsConnection } from "nats";

/** How the floor is laid out. Plain is the floor that counts; `shipped` gives its streams what the product's have (16 shards, message ids for
 *  deduplication, republishing), which says how much of the distance is the price of those. */
export interface FloorPlan {
  url: string;
  credentials?: string;
  shards: number;
  shipped: boolean;
}

/** What travels on the floor. */
export interface FloorMessage {
  id: string;
  shard: number;
  /** Whether log and attempt record are written, or only hops made. */
  durable: boolean;
  pad: string;
}

/** Larger than any number in flight: a best bare program does not wait for requests. */
export const pullAhead = 512;

export const floorAccount = "floor";

export async function makeFloorStreams(nc: NatsConnection, plan: FloorPlan): Promise<void> {
  const seen = plan.shipped ? { republish: { src: ">", dest: "seen.>" } } : {};
  const work = { retention: "workqueue", storage: "file", discard: "new", ...seen };
  await api(nc, "STREAM.CREATE.MESSAGE", { name: "MESSAGE", subjects: ["message.received.>"], ...work });
  await api(nc, "STREAM.CREATE.SEND", { name: "SEND", subjects: ["message.send.>"], ...work });
  await api(nc, "STREAM.CREATE.ACTION", { name: "ACTION", subjects: ["action.requested.>"], ...work });
  await api(nc, "STREAM.CREATE.FINISHED", { name: "FINISHED", subjects: ["action.finished.>"], ...work });
  await api(nc, "STREAM.CREATE.RUN", { name: "RUN", subjects: ["run.changed.>"], retention: "limits", storage: "file" });
  const bucket = { subjects: ["$KV.attempt.>"], max_msgs_per_subject: 1, allow_rollup_hdrs: true, allow_direct: true, discard: "new" };
  await api(nc, "STREAM.CREATE.KV_attempt", { name: "KV_attempt", ...bucket, retention: "limits", storage: "file" });
  for (let shard = 0; shard < plan.shards; shard++) {
    await durable(nc, { stream: "MESSAGE", name: `message_${shard}`, filter: `message.received.terminal.${floorAccount}.${shard}` });
    await durable(nc, { stream: "FINISHED", name: `finished_${shard}`, filter: `action.finished.${shard}` });
  }
  await durable(nc, { stream: "ACTION", name: "action_default", filter: "action.requested.default" });
  await durable(nc, { stream: "SEND", name: "send", filter: `message.send.terminal.${floorAccount}` });
}

/** A pull consumer with explicit acknowledgements. */
export async function durable(nc: NatsConnection, at: { stream: string; name: string; filter: string }): Promise<void> {
  const { stream, name, filter } = at;
  const config = { durable_name: name, filter_subject: filter, ack_policy: "explicit", ack_wait: 30_000_000_000, max_ack_pending: 10_000 };
  await api(nc, `CONSUMER.DURABLE.CREATE.${stream}.${name}`, { stream_name: stream, config });
}

/** One call of JetStream's API. Rejects with what the server says against it. */
export async function api<Answer extends object>(nc: NatsConnection, call: string, body: object = {}): Promise<Answer> {
  const reply = await nc.request(`$JS.API.${call}`, JSON.stringify(body), { timeout: 10_000 });
  const answer = reply.json<Answer & { error?: { description: string } }>();
  if (answer.error !== undefined) throw new Error(`${call}: ${answer.error.description}`);
  return answer;
}

/** The headers of a write: compare-and-set where `after` is given, an id where the product would give one. */
export function writeHeaders(options: { after?: number; id?: string }): MsgHdrs | undefined {
  const { after, id } = options;
  if (after === undefined && id === undefined) return undefined;
  const made = headers();
  if (after !== undefined) made.set("Nats-Expected-Last-Subject-Sequence", String(after));
  if (id !== undefined) made.set("Nats-Msg-Id", id);
  return made;
}
