import { code, defineAction, table, z } from "@bellhop/sdk";
import config from "../config.ts";
import { size, span } from "../measures.ts";
import { withServer } from "../server.ts";

const Stream = z.object({
  stream: z.string(),
  messages: z.int(),
  bytes: z.int(),
  /** When its first message was stored; absent where it has none. */
  oldest: z.iso.datetime({ offset: true }).optional(),
  consumers: z.int(),
});

export default defineAction({
  description: "List the streams of a NATS server: messages, bytes, oldest, consumers",
  config,
  input: { filter: z.string().default("").describe("Only streams whose name contains this; capitals don't count.") },
  output: z.object({
    streams: z.array(Stream),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input: { filter }, config, signal }) =>
    await withServer({ config, signal }, async ({ jetStream }) => {
      const streams: z.infer<typeof Stream>[] = [];
      for await (const { config: stream, state } of jetStream.streams.list()) {
        if (!stream.name.toLowerCase().includes(filter.toLowerCase())) continue;
        const { messages, bytes, first_ts: oldest, consumer_count: consumers } = state;
        streams.push({ stream: stream.name, messages, bytes, ...(messages > 0 ? { oldest } : {}), consumers });
      }
      streams.sort((a, b) => a.stream.localeCompare(b.stream));
      return { streams, text: streams.length > 0 ? inTable(streams) : noneOf(filter) };
    }),
});

function inTable(streams: readonly z.infer<typeof Stream>[]): string {
  const now = Date.now();
  return table(streams, {
    Stream: ({ stream }) => code(stream),
    Messages: ({ messages }) => messages,
    Size: ({ bytes }) => size(bytes),
    Oldest: ({ oldest }) => (oldest === undefined ? "" : span(now - Date.parse(oldest))),
    Consumers: ({ consumers }) => consumers,
  });
}

function noneOf(filter: string): string {
  return filter === "" ? "There are no streams." : `There is no stream with ${code(filter)} in its name.`;
}
