import type { ConsumerInfo } from "@nats-io/jetstream";
import { code, table, z } from "@bellhop/sdk";

/** How far a consumer is. */
export const Consumer = z.object({
  stream: z.string(),
  consumer: z.string(),
  /** Messages that it was not given yet. */
  pending: z.int(),
  /** Messages that it was given and has not acknowledged. */
  ack_pending: z.int(),
  /** Messages among these that it was given more than once. */
  redelivered: z.int(),
  paused: z.boolean(),
});
export type Consumer = z.infer<typeof Consumer>;

export function consumerOf(info: ConsumerInfo): Consumer {
  const { stream_name: stream, name: consumer, num_pending: pending, num_ack_pending, num_redelivered, paused = false } = info;
  return { stream, consumer, pending, ack_pending: num_ack_pending, redelivered: num_redelivered, paused };
}

/** Consumers as people read them, in Markdown. */
export function consumerTable(consumers: readonly Consumer[]): string {
  return table(consumers, {
    Stream: ({ stream }) => code(stream),
    Consumer: ({ consumer, paused }) => `${code(consumer)}${paused ? " (paused)" : ""}`,
    Pending: ({ pending }) => pending,
    "Ack pending": ({ ack_pending }) => ack_pending,
    Redelivered: ({ redelivered }) => redelivered,
  });
}
