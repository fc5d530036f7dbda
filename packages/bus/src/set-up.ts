import { problem, type StreamLayout } from "@bellhop/contracts";
import type { ApiError } from "./answers.ts";
import { createDurable } from "./durable.ts";
import { wantedDurables, wantedStreams, type Config, type WantedDurable } from "./layout.ts";
import { api, apiOrThrow, isClustered, type Link } from "./link.ts";
import type { Applied, Finding, Named } from "./bus.ts";
import { isDoable, isStuck, planOf, type Found, type FoundConsumer, type FoundStream } from "./plan.ts";

/** Looks at everything of ours on the server; changes nothing. For the operator. @throws Problem nats_denied */
export async function findPlan(link: Link, layout: StreamLayout): Promise<Finding[]> {
  const streams = wantedStreams(layout, link.durations);
  const consumers = wantedDurables(link.durations);
  const found = await find(
    link,
    streams.map(({ stream }) => stream),
  );
  return planOf({ streams, consumers, found });
}

/** Makes what is missing and changes what can be changed in place. Deletes nothing. Safe to repeat, and by several at once. @throws Problem nats_denied */
export async function applyPlan(link: Link, layout: StreamLayout): Promise<Applied> {
  const consumers = wantedDurables(link.durations);
  return await repeat(link, () => findPlan(link, layout), consumers);
}

/** The same for streams, buckets and object stores alone: consumers are made by whoever needs them. What only a person can change is told in the log.
 *  @throws Problem nats_denied, nats_set_up */
export async function setUp(link: Link, layout: StreamLayout): Promise<void> {
  const streams = wantedStreams(layout, link.durations);
  const { findings, failed } = await repeat(link, async () => planOf({ streams, consumers: [], found: await find(link, []) }), []);
  for (const finding of findings.filter(isStuck)) {
    if (finding.kind === "missing") throw problem("nats_set_up", { name: finding.name, why: finding.stuck?.why ?? "" });
    link.log.warn({ finding }, "NATS differs in what only a person can change: bellhop nats plan");
  }
  for (const { name, why } of failed) throw problem("nats_set_up", { name, why });
}

/** A stream's copies come first and then how it is read, and somebody else may be at it too: hence again and again. */
const mostRounds = 8;

async function repeat(link: Link, plan: () => Promise<Finding[]>, consumers: readonly WantedDurable[]): Promise<Applied> {
  const made = new Map<string, Named>();
  const changed = new Map<string, Named>();
  for (let round = 1; ; round++) {
    const findings = await plan();
    const failed: Applied["failed"] = [];
    const todo = findings.filter(isDoable);
    // Consumers need their stream.
    for (const part of [todo.filter(({ what }) => what !== "consumer"), todo.filter(({ what }) => what === "consumer")]) {
      await Promise.all(
        part.map(async (finding) => {
          const { what, name, stream } = finding;
          const named = { what, name, stream };
          const why = await carryOut(link, finding, consumers);
          if (why !== undefined) failed.push({ ...named, why });
          else (finding.kind === "missing" ? made : changed).set(`${stream} ${what} ${name}`, named);
        }),
      );
    }
    if (todo.length === 0 || failed.length > 0 || round === mostRounds) {
      return { made: [...made.values()], changed: [...changed.values()], failed, findings: todo.length === 0 ? findings : await plan() };
    }
  }
}

/** @returns why the server refused */
async function carryOut(link: Link, finding: Finding, consumers: readonly WantedDurable[]): Promise<string | undefined> {
  const { what, name, stream } = finding;
  if (what === "consumer") {
    const wanted = consumers.find((one) => one.stream === stream && one.name === name);
    if (wanted === undefined) return undefined;
    return await createDurable(link, wanted.durable).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    );
  }
  if (finding.kind === "missing") {
    const answer = await ask(link, `$JS.API.STREAM.CREATE.${stream}`, finding.config);
    return answer?.description;
  }
  if (finding.kind !== "differs") return undefined;
  // The whole of it as it is now, since an update that leaves a field out clears it.
  const { config } = await apiOrThrow<{ config: Config }>(link, { subject: `$JS.API.STREAM.INFO.${stream}` });
  const changes = finding.changes.filter(({ stuck }) => stuck === undefined);
  const body = { ...config, ...Object.fromEntries(changes.map(({ field, wanted }) => [field, wanted])) };
  const answer = await ask(link, `$JS.API.STREAM.UPDATE.${stream}`, body);
  return answer?.description;
}

/** Somebody made it in between, perhaps after another declaration: the next round compares it. */
const madeMeanwhile = 10058;

async function ask(link: Link, subject: string, body: object): Promise<ApiError | undefined> {
  const answer = await api<{ config: Config }>(link, { subject, body, expected: "lasting" });
  if ("config" in answer || answer.error.err_code === madeMeanwhile) return undefined;
  return answer.error;
}

/** @param withConsumers the streams whose consumers are looked at */
async function find(link: Link, withConsumers: readonly string[]): Promise<Found> {
  const streams = await everyPage<StreamInfo>(link, "$JS.API.STREAM.LIST", "streams");
  const there = streams.filter(({ config }) => withConsumers.includes(config.name));
  const consumers = await Promise.all(there.map(({ config }) => consumersOf(link, config.name)));
  return { streams: streams.map(foundStream), consumers: consumers.flat(), clustered: isClustered(link) };
}

interface StreamInfo {
  config: FoundStream["config"];
  state: { messages: number; bytes: number; first_ts: string };
  /** The server's clock. */
  ts?: string;
}

interface ConsumerInfo {
  config: Config;
  num_pending?: number;
  num_ack_pending?: number;
}

function foundStream({ config, state, ts }: StreamInfo): FoundStream {
  const { messages, bytes, first_ts: first } = state;
  return { config, holds: { messages, bytes, oldestAt: Date.parse(first), now: ts === undefined ? Date.now() : Date.parse(ts) } };
}

async function consumersOf(link: Link, stream: string): Promise<FoundConsumer[]> {
  const consumers = await everyPage<ConsumerInfo>(link, `$JS.API.CONSUMER.LIST.${stream}`, "consumers");
  return consumers
    .filter(({ config }) => config.durable_name !== undefined)
    .map(({ config, num_pending: pending = 0, num_ack_pending: handedOut = 0 }) => ({ stream, config, waiting: pending + handedOut }));
}

/** A cluster leaves out what it could not ask about in time, and names it in `missing`: then all is asked again. */
async function everyPage<T>(link: Link, subject: string, of: "streams" | "consumers"): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const page = await apiOrThrow<Page<T>>(link, { subject, body: { offset: all.length } });
    if ((page.missing ?? []).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, link.durations.publishRetry / 8));
      continue;
    }
    const some = page[of] ?? [];
    all.push(...some);
    if (some.length === 0 || all.length >= (page.total ?? 0)) return all;
  }
}

interface Page<T> {
  total?: number;
  streams?: T[];
  consumers?: T[];
  missing?: string[];
}
