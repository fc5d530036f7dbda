import { streams, type StreamDeclaration } from "./streams.ts";
import { shards, subjects } from "./subjects.ts";
import { token } from "./token.ts";

/** What one durable consumer takes, and its name in the stream. */
export interface Durable {
  readonly stream: Pick<StreamDeclaration, "name">;
  readonly durable: string;
  readonly filter: string | readonly string[];
}

const { received, edited, deleted, reacted, pressed, submitted } = subjects.message;

/** Every durable there is: four for each shard, one for each pool and for each account. */
export const durables = {
  /** One for all that people do, so that an edit comes after the message it is about. */
  message: (shard: number) => ({
    stream: streams.message,
    durable: `message_${shard}`,
    filter: [received, edited, deleted, reacted, pressed, submitted].map((subject) => subject.filter({ shard })),
  }),
  trigger: (shard: number) => ({
    stream: streams.trigger,
    durable: `trigger_${shard}`,
    filter: subjects.trigger.fired.filter({ shard }),
  }),
  asked: (shard: number) => ({ stream: streams.asked, durable: `asked_${shard}`, filter: subjects.run.asked.filter({ shard }) }),
  finished: (shard: number) => ({
    stream: streams.finished,
    durable: `finished_${shard}`,
    filter: subjects.action.finished.filter({ shard }),
  }),
  pool: (pool: string) => ({
    stream: streams.action,
    durable: `pool_${token(pool)}`,
    filter: subjects.action.requested.filter({ pool }),
  }),
  send: ({ platform, account }: { platform: string; account: string }) => ({
    stream: streams.send,
    durable: `send_${token(platform)}_${token(account)}`,
    filter: subjects.message.send.filter({ platform, account }),
  }),
  /** Those that every installation has, whatever its pools and accounts. */
  ofShards: (): Durable[] =>
    shards.flatMap((shard) => [durables.message(shard), durables.trigger(shard), durables.asked(shard), durables.finished(shard)]),
  /** Whether it is one that runners or gateways make when they come. */
  isMadeByNeed: ({ stream, durable }: { stream: string; durable: string }): boolean =>
    (stream === streams.action.name && durable.startsWith("pool_")) || (stream === streams.send.name && durable.startsWith("send_")),
} as const;
