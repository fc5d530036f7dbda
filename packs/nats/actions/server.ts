import type { JetStreamAccountStats } from "@nats-io/jetstream";
import { code, defineAction, table, z } from "@bellhop/sdk";
import config from "../config.ts";
import { size } from "../measures.ts";
import { withServer } from "../server.ts";

/** What is used, and the limit where there is one. */
const Used = z.object({ used: z.number(), limit: z.number().optional() });
type Used = z.infer<typeof Used>;

const Facts = z.object({
  name: z.string(),
  version: z.string(),
  cluster: z.string().optional(),
  /** A round trip, in milliseconds. */
  rtt_ms: z.number(),
  /** The largest message, in bytes. */
  max_payload: z.int(),
  /** Its user's account; memory and storage in bytes. */
  account: z.object({ streams: Used, consumers: Used, memory: Used, storage: Used }),
});

export default defineAction({
  description: "Tell what a NATS server is, and what of JetStream this account uses",
  config,
  output: Facts.extend({
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ config, signal }) =>
    await withServer({ config, signal }, async ({ connection, jetStream }) => {
      const { server_name: name = "", version = "", cluster, max_payload = 0 } = connection.info ?? {};
      const rtt = await connection.rtt();
      const account = accountOf(await jetStream.getAccountInfo());
      const facts = {
        name,
        version,
        ...(cluster === undefined ? {} : { cluster }),
        rtt_ms: Math.round(rtt * 10) / 10,
        max_payload,
        account,
      };
      return { ...facts, text: inTable(facts) };
    }),
});

function accountOf({ streams, consumers, memory, storage, limits }: JetStreamAccountStats): z.infer<typeof Facts>["account"] {
  return {
    streams: usedOf(streams, limits.max_streams),
    consumers: usedOf(consumers, limits.max_consumers),
    memory: usedOf(memory, limits.max_memory),
    storage: usedOf(storage, limits.max_storage),
  };
}

/** -1: no limit. */
function usedOf(used: number, limit: number): Used {
  return limit < 0 ? { used } : { used, limit };
}

function inTable({ name, version, cluster, rtt_ms, max_payload, account }: z.infer<typeof Facts>): string {
  const facts: [name: string, value: string][] = [
    ["Server", code(name)],
    ["Version", version],
    ...(cluster === undefined ? [] : [["Cluster", code(cluster)] satisfies [string, string]]),
    ["Round trip", `${rtt_ms} ms`],
    ["Largest message", size(max_payload)],
    ["Streams", ofLimit(account.streams, String)],
    ["Consumers", ofLimit(account.consumers, String)],
    ["Memory", ofLimit(account.memory, size)],
    ["Storage", ofLimit(account.storage, size)],
  ];
  return table(facts, { What: ([what]) => what, Value: ([, value]) => value });
}

function ofLimit({ used, limit }: Used, shown: (count: number) => string): string {
  return limit === undefined ? shown(used) : `${shown(used)} of ${shown(limit)}`;
}
