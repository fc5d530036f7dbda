import {
  buckets,
  durables,
  objectStores,
  streams,
  type BucketDeclaration,
  type Durable,
  type DurationName,
  type Durations,
  type StreamDeclaration,
  type StreamLayout,
} from "@bellhop/contracts";
import { durableConfig } from "./durable.ts";
import { nanoseconds } from "./link.ts";

/** A configuration in the server's words. */
export type Config = Readonly<Record<string, unknown>>;

/** A stream that there should be; buckets and object stores are streams too. */
export interface WantedStream {
  what: "stream" | "bucket" | "object store";
  /** As `contracts` call it. */
  name: string;
  /** As the server calls it. */
  stream: string;
  /** What is not in it is left as it is. */
  config: Config;
}

export interface WantedDurable {
  what: "consumer";
  name: string;
  stream: string;
  config: Config;
  durable: Durable;
}

/** The key in a stream's metadata that says that Bellhop made it. */
export const mark = "bellhop";

/** Every stream, bucket and object store of `contracts`, with the limits and copies of this installation. */
export function wantedStreams(layout: StreamLayout, durations: Durations): WantedStream[] {
  const every = (name: DurationName | undefined) => (name === undefined ? 0 : nanoseconds(durations[name]));
  const wanted: WantedStream[] = [
    ...Object.values<StreamDeclaration>(streams).map((declaration) => ({
      what: "stream" as const,
      name: declaration.name,
      stream: declaration.name,
      config: streamConfig(declaration, every),
    })),
    ...Object.values<BucketDeclaration<unknown>>(buckets).map((declaration) => ({
      what: "bucket" as const,
      name: declaration.name,
      stream: `KV_${declaration.name}`,
      config: bucketConfig(declaration, every),
    })),
    ...Object.values(objectStores).map((name) => ({
      what: "object store" as const,
      name,
      stream: `OBJ_${name}`,
      config: storeConfig(name, every),
    })),
  ];
  return wanted.map((one) => {
    const { bytes, messages, messagesPerSubject } = layout.limits?.[one.stream] ?? {};
    const config = {
      name: one.stream,
      storage: "file",
      metadata: { [mark]: one.what },
      ...one.config,
      ...(bytes === undefined ? {} : { max_bytes: bytes }),
      ...(messages === undefined ? {} : { max_msgs: messages }),
      ...(messagesPerSubject === undefined ? {} : perSubject(messagesPerSubject)),
      ...(layout.replicas === undefined ? {} : { num_replicas: layout.replicas }),
    };
    return { ...one, config };
  });
}

/** The durables that every installation has. Those of pools and accounts are made when they are needed. */
export function wantedDurables(durations: Durations): WantedDurable[] {
  return durables.ofShards().map((durable) => ({
    what: "consumer",
    name: durable.durable,
    stream: durable.stream.name,
    config: durableConfig(durations, durable),
    durable,
  }));
}

type Every = (name: DurationName | undefined) => number;

function streamConfig(declaration: StreamDeclaration, every: Every): Config {
  const { subjects, retention, maxAge, duplicateWindow, seenAs, maxBytes, maxMessages, maxMessagesPerSubject, full } = declaration;
  return {
    subjects: [...subjects],
    retention: retention === "work" ? "workqueue" : "limits",
    discard: full === "drop-oldest" ? "old" : "new",
    max_age: every(maxAge),
    duplicate_window: every(duplicateWindow),
    ...(maxBytes === undefined ? {} : { max_bytes: maxBytes }),
    ...(maxMessages === undefined ? {} : { max_msgs: maxMessages }),
    ...(maxMessagesPerSubject === undefined ? {} : perSubject(maxMessagesPerSubject)),
    ...(seenAs === undefined ? {} : { republish: { src: ">", dest: seenAs } }),
  };
}

function perSubject(most: number): Config {
  return { max_msgs_per_subject: most, discard_new_per_subject: most > 0 };
}

function bucketConfig({ name, maxAge, history = 1 }: BucketDeclaration<unknown>, every: Every): Config {
  return {
    subjects: [`$KV.${name}.>`],
    retention: "limits",
    discard: "new",
    max_msgs_per_subject: history,
    max_age: every(maxAge),
    duplicate_window: every("duplicateWindow"),
    allow_rollup_hdrs: true,
    deny_delete: true,
  };
}

function storeConfig(name: string, every: Every): Config {
  return {
    subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
    retention: "limits",
    discard: "new",
    duplicate_window: every("duplicateWindow"),
    allow_rollup_hdrs: true,
  };
}
