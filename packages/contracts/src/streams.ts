import type { z } from "zod";
import { ActivePack, InstalledVersion, PackConfig } from "./pack-version.ts";
import { AttemptRecord } from "./action.ts";
import { AccessList, OwnerClaim, Owners } from "./access.ts";
import { Holding, Member } from "./lease.ts";
import { Timer } from "./run.ts";
import { Checkpoint } from "./run-record.ts";
import { ApiKey } from "./api-key.ts";
import { HappenedBefore, RuleSwitch } from "./event.ts";
import { Gate } from "./gate.ts";
import { KvRecord } from "./kv.ts";
import { Mark } from "./mark.ts";
import { Post } from "./post.ts";
import { Press } from "./press.ts";
import { Question } from "./question.ts";
import { CommandSchedule } from "./schedule.ts";
import { SensorStatus, SensorSwitch } from "./sensor.ts";
import { Bookmark, Receipt } from "./send.ts";
import { Tick } from "./tick.ts";
import type { DurationName } from "./durations.ts";

/** A JetStream stream. Work queues know no age: accepted work waits for ever. */
export interface StreamDeclaration {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: "work" | "limits";
  readonly maxAge?: DurationName;
  readonly duplicateWindow: DurationName;
  /** Republished here, so that tails and consoles see work go by without taking it. */
  readonly seenAs?: string;
  /** The most it holds, where configuration names no limit of its own; without bounds when not given. */
  readonly maxBytes?: number;
  readonly maxMessages?: number;
  /** The same for each subject, so that one pool, account or shard that is full leaves room for the others. */
  readonly maxMessagesPerSubject?: number;
  /** What does not fit is refused, unless the oldest may go. */
  readonly full?: "drop-oldest";
}

/** Waiting for one shard, pool or account. So many take minutes to work off, and less than a gigabyte; whoever is refused keeps what it has and tries on. */
const mostWaiting = 50_000;

/** Pieces of live output, a tenth of a gigabyte as most commands print. */
const mostOutput = 250_000;

const work = { retention: "work", maxMessagesPerSubject: mostWaiting, seenAs: "seen.>" } as const;

export const streams = {
  message: {
    ...work,
    name: "MESSAGE",
    subjects: ["received", "edited", "deleted", "reacted", "pressed", "submitted"].map((what) => `message.${what}.>`),
    duplicateWindow: "duplicateWindowReceived",
  },
  send: { ...work, name: "SEND", subjects: ["message.send.>"], duplicateWindow: "duplicateWindow" },
  trigger: { ...work, name: "TRIGGER", subjects: ["trigger.fired.>"], duplicateWindow: "duplicateWindow" },
  asked: { ...work, name: "ASKED", subjects: ["run.asked.>"], duplicateWindow: "duplicateWindow" },
  action: { ...work, name: "ACTION", subjects: ["action.requested.>"], duplicateWindow: "duplicateWindow" },
  finished: { ...work, name: "FINISHED", subjects: ["action.finished.>"], duplicateWindow: "duplicateWindow" },
  run: { name: "RUN", subjects: ["run.changed.>"], retention: "limits", maxAge: "runLogRetention", duplicateWindow: "duplicateWindow" },
  output: {
    name: "OUTPUT",
    subjects: ["run.output.>"],
    retention: "limits",
    maxAge: "outputRetention",
    duplicateWindow: "duplicateWindow",
    maxMessages: mostOutput,
    full: "drop-oldest",
  },
  dead: { name: "DEAD", subjects: ["dead.>"], retention: "limits", duplicateWindow: "duplicateWindow" },
} as const satisfies Record<string, StreamDeclaration>;

/** A key-value bucket. Only records of what is over may age away; what can outlive `maxAge` is written again before it does. */
export interface BucketDeclaration<Value> {
  readonly name: string;
  readonly schema: z.ZodType<Value>;
  readonly maxAge?: DurationName;
  /** So many revisions of each key are kept, for whoever follows its changes; one when not given. */
  readonly history?: number;
}

function bucket<Value>(name: string, schema: z.ZodType<Value>, maxAge?: DurationName): BucketDeclaration<Value> {
  return { name, schema, ...(maxAge === undefined ? {} : { maxAge }) };
}

export const buckets = {
  /** `member.<id>`: who lives. */
  member: bucket("member", Member),
  /** `shard.<n>`, `sender.<platform>.<account>`: who holds what. */
  holding: bucket("holding", Holding),
  /** `<run>.<task>.<attempt>`: see {@link attemptKey}. Runners write a long attempt's record again each day. */
  attempt: bucket("attempt", AttemptRecord, "recordRetention"),
  /** `<token(send key)>` */
  receipt: bucket("receipt", Receipt, "recordRetention"),
  /** See {@link bookmarkKeys}. */
  bookmark: bucket("bookmark", Bookmark, "recordRetention"),
  /** `<token(key)>`: where what was posted under a name stands; written anew with each wording. */
  post: bucket("post", Post, "recordRetention"),
  /** See {@link questionKey}. */
  question: bucket("question", Question, "recordRetention"),
  /** See {@link pressKey}: what can be pressed. Engines write again what still waits. */
  press: bucket("press", Press, "runLogRetention"),
  /** `<platform>.<account>.<token(place)>`: how far a gateway has heard. */
  mark: bucket("mark", Mark, "recordRetention"),
  /** `<shard>.<run>.<name>` */
  timer: bucket("timer", Timer),
  /** `<shard>.<hash of the trigger and its parameters>` */
  tick: bucket("tick", Tick),
  /** See {@link gateKey}: who is let in by the policies of an action, and who waits. */
  gate: bucket("gate", Gate),
  /** See {@link scheduleKey}: commands that people want run later. */
  schedule: bucket("schedule", CommandSchedule),
  /** `<shard>`: where reading a shard's log has to begin; `kv`: which change of the datastore is the next to be told. */
  checkpoint: bucket("checkpoint", Checkpoint),
  /** `active.<pack>` */
  catalog: bucket("catalog", ActivePack),
  /** `<token(pack)>.<digest>`: what can be activated. */
  version: bucket("version", InstalledVersion),
  /** `<token(pack)>`, and `<token(pack)>.<token(instance)>`. */
  config: bucket("config", PackConfig),
  /** See {@link kvKey}: values that rules, workflows, actions and people keep. */
  kv: { ...bucket("kv", KvRecord), history: 64 },
  /** `owners` */
  owners: bucket("owners", Owners),
  /** `code` */
  claim: bucket("claim", OwnerClaim),
  /** `<id>` */
  apiKey: bucket("api-key", ApiKey),
  /** `<token(event key)>` */
  happened: bucket("happened", HappenedBefore, "recordRetention"),
  /** `<token(rule)>`: rules that somebody switched on or off. */
  rule: bucket("rule", RuleSwitch),
  /** `<token(sensor)>`: what somebody said of a sensor. */
  sensor: bucket("sensor", SensorSwitch),
  /** See {@link sensorKey}: how each instance of a sensor fares. */
  sensorStatus: bucket("sensor-status", SensorStatus),
  /** `list`: who may run what, as owners said it in chats. */
  access: bucket("access", AccessList),
} as const;

export interface StreamLimits {
  readonly bytes?: number;
  readonly messages?: number;
  readonly messagesPerSubject?: number;
}

/** What an installation sets for its streams, buckets and object stores. What is not set is left as it is. */
export interface StreamLayout {
  /** Copies on as many servers: 1, 3 or 5. */
  readonly replicas?: number;
  /** By the server's own names: `SEND`, `KV_attempt`, `OBJ_values`. -1: without bounds. */
  readonly limits?: Readonly<Partial<Record<string, StreamLimits>>>;
}

/** The names that the server has for all of them. */
export function streamNames(): string[] {
  return [
    ...Object.values(streams).map(({ name }) => name),
    ...Object.values(buckets).map(({ name }) => `KV_${name}`),
    ...Object.values(objectStores).map((name) => `OBJ_${name}`),
  ];
}

/** Object stores: pack versions (`<digest>.definitions`, `<digest>.files`) and values too large to travel inline (named by their hash). */
export const objectStores = { packs: "packs", values: "values" } as const;
