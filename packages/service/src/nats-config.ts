import { streamNames, type StreamLayout } from "@bellhop/contracts";
import { z } from "zod";

const units: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

const copies = z.coerce.number().pipe(z.literal([1, 3, 5], "expected 1, 3 or 5 copies"));

const bytes = z.union([z.int().positive(), z.string()]).transform((given, context) => {
  if (typeof given === "number") return given;
  if (given === "unlimited") return -1;
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?([KMGT]B)$/.exec(given) ?? [];
  const size = units[unit];
  if (amount !== undefined && size !== undefined) return Math.round(Number(amount) * size);
  context.addIssue({ code: "custom", message: `expected a number of bytes, 500MB, 2GB or unlimited, not ${given}` });
  return z.NEVER;
});

const expectedMessages = "expected a number of messages, or unlimited";

const messages = z.union([z.int().min(1, expectedMessages), z.literal("unlimited").transform(() => -1)], expectedMessages);

/** What is read of environment and bellhop.yaml about streams. */
export const layoutShape = {
  BELLHOP_NATS_REPLICAS: copies.optional(),
  nats: z
    .strictObject({
      replicas: copies.optional().describe("Copies of everything, on so many servers of the cluster: 1, 3 or 5."),
      limits: z
        .partialRecord(
          z.enum(streamNames()),
          z.strictObject({ bytes: bytes.optional(), messages: messages.optional(), messagesPerSubject: messages.optional() }),
        )
        .optional()
        .describe("What a stream holds at most, by the server's name for it. bytes: 500MB, 2GB or unlimited."),
    })
    .default({})
    .describe("Copies and limits of streams. What is not named is left as it is."),
};

/** Copies and limits of streams, as configured; the environment wins. Nothing of it: everything is left as it is. */
export function layoutConfig({ BELLHOP_NATS_REPLICAS, nats }: z.infer<z.ZodObject<typeof layoutShape>>): StreamLayout {
  const replicas = BELLHOP_NATS_REPLICAS ?? nats.replicas;
  return { ...(replicas === undefined ? {} : { replicas }), ...(nats.limits === undefined ? {} : { limits: nats.limits }) };
}
