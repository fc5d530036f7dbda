import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";
import { ActionFailed, code, defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { Consumer, consumerOf, consumerTable } from "../consumer.ts";
import { withServer } from "../server.ts";

export default defineAction({
  description: "List the consumers of a stream: pending, ack pending, redelivered",
  config,
  input: { stream: z.string().min(1).describe("The stream's name.") },
  output: z.object({
    consumers: z.array(Consumer),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input: { stream }, config, signal }) =>
    await withServer({ config, signal }, async ({ jetStream }) => {
      const consumers = await consumersOf(jetStream, stream);
      consumers.sort((a, b) => a.consumer.localeCompare(b.consumer));
      return { consumers, text: consumers.length > 0 ? consumerTable(consumers) : `${code(stream)} has no consumers.` };
    }),
});

async function consumersOf(jetStream: JetStreamManager, stream: string): Promise<Consumer[]> {
  const consumers: Consumer[] = [];
  try {
    for await (const info of jetStream.consumers.list(stream)) consumers.push(consumerOf(info));
    return consumers;
  } catch (thrown) {
    if (!(thrown instanceof JetStreamApiError) || thrown.code !== JetStreamApiCodes.StreamNotFound) throw thrown;
    const names: string[] = [];
    for await (const name of jetStream.streams.names()) names.push(name);
    throw new ActionFailed(`There is no stream ${stream}.`, {
      cause: thrown,
      hint: names.length === 0 ? "There are none at all." : `There are ${names.toSorted().slice(0, mostNamed).join(", ")}.`,
    });
  }
}

/** Names that a hint holds. */
const mostNamed = 30;
