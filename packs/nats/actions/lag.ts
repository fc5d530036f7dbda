import { defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { Consumer, consumerOf, consumerTable } from "../consumer.ts";
import { withServer } from "../server.ts";

export default defineAction({
  description: "List the consumers that have messages before them, the one with the most first",
  config,
  input: { most: z.int().min(1).max(200).default(20).describe("How many are listed.") },
  output: z.object({
    /** Those with messages before them, worst first. */
    behind: z.array(Consumer),
    /** How many are behind, and how many there are at all. */
    counts: z.object({ behind: z.int(), consumers: z.int(), streams: z.int() }),
    /** The same for people, in Markdown. */
    text: z.string(),
  }),
  repeatable: true,
  run: async ({ input: { most }, config, signal }) =>
    await withServer({ config, signal }, async ({ jetStream }) => {
      const all: Consumer[] = [];
      let streams = 0;
      for await (const { config: stream, state } of jetStream.streams.list()) {
        streams++;
        if (state.consumer_count === 0) continue;
        for await (const info of jetStream.consumers.list(stream.name)) all.push(consumerOf(info));
      }
      const behind = all.filter((one) => lagOf(one) > 0).sort((a, b) => lagOf(b) - lagOf(a) || a.consumer.localeCompare(b.consumer));
      const counts = { behind: behind.length, consumers: all.length, streams };
      return { behind: behind.slice(0, most), counts, text: inWords(behind, { most, ...counts }) };
    }),
});

function lagOf({ pending, ack_pending }: Consumer): number {
  return pending + ack_pending;
}

function inWords(behind: readonly Consumer[], { most, consumers, streams }: { most: number; consumers: number; streams: number }): string {
  if (behind.length === 0) return `Nothing waits: consumers ${consumers}, streams ${streams}, all up to date.`;
  const more = behind.length > most ? `, the ${most} that are furthest behind here` : "";
  return `${behind.length} of ${consumers} consumers ${behind.length === 1 ? "is" : "are"} behind${more}.\n\n${consumerTable(behind.slice(0, most))}`;
}
