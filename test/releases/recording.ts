import { readFileSync } from "node:fs";
import { connect, headers, type NatsConnection } from "nats";
import { z } from "zod";

/** What NATS held at one moment. The first line of its file says which release made it and how each run is to end; every other line is a message. */
export interface Recording {
  head: Head;
  messages: Stored[];
}

const Head = z.object({
  release: z.string(),
  /** Of each run, by the `word` of its input. */
  ends: z.record(z.string(), z.string()),
});
type Head = z.infer<typeof Head>;

const Stored = z.object({
  stream: z.string(),
  subject: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  /** As text, or as base64 where it is none. */
  text: z.string().optional(),
  base64: z.string().optional(),
});
type Stored = z.infer<typeof Stored>;

export function readRecording(file: string): Recording {
  const [head = "", ...lines] = readFileSync(file, "utf8").trim().split("\n");
  return { head: Head.parse(JSON.parse(head)), messages: lines.map((line) => Stored.parse(JSON.parse(line))) };
}

/** Everything that is stored, stream by stream. */
export async function record(url: string, head: Head): Promise<string> {
  const nc = await connect({ servers: url });
  const { streams } = await api(nc, "STREAM.NAMES", {}, z.object({ streams: z.array(z.string()) }));
  const lines: object[] = [head];
  for (const stream of streams.toSorted()) lines.push(...(await storedIn(nc, stream)));
  await nc.close();
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** What a stream holds, whoever else takes from it. */
export async function storedIn(nc: NatsConnection, stream: string): Promise<Stored[]> {
  const { state } = await api(nc, `STREAM.INFO.${stream}`, {}, z.object({ state: z.object({ first_seq: z.int(), last_seq: z.int() }) }));
  const messages: Stored[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const found = await api(nc, `STREAM.MSG.GET.${stream}`, { seq }, Found);
    if (found.message !== undefined) messages.push(storedOf(stream, found.message));
  }
  return messages;
}

/** Puts it where streams of today stand empty. */
export async function restore(url: string, { messages }: Recording): Promise<void> {
  const nc = await connect({ servers: url });
  for (const { subject, headers: given = {}, text, base64 } of messages) {
    const made = headers();
    for (const [name, value] of Object.entries(given)) made.set(name, value);
    const data = base64 === undefined ? (text ?? "") : Buffer.from(base64, "base64");
    const answer = await nc.request(subject, data, { headers: made, timeout: 10_000 });
    const { error } = answer.json<{ error?: { description: string } }>();
    if (error !== undefined) throw new Error(`${subject}: ${error.description}`);
  }
  await nc.close();
}

const Found = z.object({
  message: z.object({ subject: z.string(), hdrs: z.string().optional(), data: z.string().optional() }).optional(),
});

/** Headers that say what a message is. Those that say how it was stored are of no use a release later. */
const kept = /^(?:KV-Operation|Nats-Rollup|Bellhop-.*)$/;

function storedOf(stream: string, { subject, hdrs = "", data = "" }: NonNullable<z.infer<typeof Found>["message"]>): Stored {
  const fields = Buffer.from(hdrs, "base64").toString().split("\r\n").slice(1);
  const named = fields.map((field) => /^([^:]+): ?(.*)$/.exec(field)).filter((match) => match !== null && kept.test(match[1] ?? ""));
  const bytes = Buffer.from(data, "base64");
  const text = bytes.toString("utf8");
  return {
    stream,
    subject,
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named.map((match) => [match?.[1] ?? "", match?.[2] ?? ""])) }),
    ...(Buffer.from(text).equals(bytes) ? { text } : { base64: data }),
  };
}

async function api<Answer>(nc: NatsConnection, call: string, body: object, schema: z.ZodType<Answer>): Promise<Answer> {
  const answer = await nc.request(`$JS.API.${call}`, JSON.stringify(body), { timeout: 10_000 });
  return schema.parse(answer.json());
}
