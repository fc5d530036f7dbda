import type { z } from "zod";
import { ActivePack } from "./definition.ts";
import { AttemptRecord } from "./action.ts";
import { AccessList, OwnerClaim, Owners } from "./access.ts";
import { Holding, Member } from "./lease.ts";
import { Checkpoint, Timer } from "./run.ts";
import { Mark } from "./mark.ts";
import { Bookmark, Receipt } from "./send.ts";
import type { DurationName } from "./durations.ts";

/** A JetStream stream. Work queues refuse what does not fit (`discard: new`) and know no age: accepted work waits for ever. */
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
}

export const streams = {
  message: {
    name: "MESSAGE",
    subjects: ["message.received.>", "message.edited.>", "message.deleted.>", "message.reacted.>"],
    retention: "work",
    duplicateWindow: "duplicateWindowReceived",
    seenAs: "seen.>",
  },
  send: { name: "SEND", subjects: ["message.send.>"], retention: "work", duplicateWindow: "duplicateWindow", seenAs: "seen.>" },
  asked: { name: "ASKED", subjects: ["run.asked.>"], retention: "work", duplicateWindow: "duplicateWindow", seenAs: "seen.>" },
  action: { name: "ACTION", subjects: ["action.requested.>"], retention: "work", duplicateWindow: "duplicateWindow", seenAs: "seen.>" },
  finished: { name: "FINISHED", subjects: ["action.finished.>"], retention: "work", duplicateWindow: "duplicateWindow", seenAs: "seen.>" },
  run: { name: "RUN", subjects: ["run.changed.>"], retention: "limits", maxAge: "runLogRetention", duplicateWindow: "duplicateWindow" },
  output: {
    name: "OUTPUT",
    subjects: ["run.output.>"],
    retention: "limits",
    maxAge: "outputRetention",
    duplicateWindow: "duplicateWindow",
  },
  dead: { name: "DEAD", subjects: ["dead.>"], retention: "limits", duplicateWindow: "duplicateWindow" },
} as const satisfies Record<string, StreamDeclaration>;

/** A key-value bucket. Only records of what is over may age away; what can outlive `maxAge` is written again before it does. */
export interface BucketDeclaration<Value> {
  readonly name: string;
  readonly schema: z.ZodType<Value>;
  readonly maxAge?: DurationName;
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
  /** `<platform>.<account>.<token(place)>`: how far a gateway has heard. */
  mark: bucket("mark", Mark, "recordRetention"),
  /** `<shard>.<run>.<name>` */
  timer: bucket("timer", Timer),
  /** `<shard>`: where reading a shard's log has to begin. */
  checkpoint: bucket("checkpoint", Checkpoint),
  /** `active.<pack>` */
  catalog: bucket("catalog", ActivePack),
  /** `owners` */
  owners: bucket("owners", Owners),
  /** `code` */
  claim: bucket("claim", OwnerClaim),
  /** `list`: who may run what, as owners said it in chats. */
  access: bucket("access", AccessList),
} as const;

/** What an installation sets for its streams, buckets and object stores. What is not set is left as it is. */
export interface StreamLayout {
  /** Copies on as many servers: 1, 3 or 5. */
  readonly replicas?: number;
  /** By the server's own names: `SEND`, `KV_attempt`, `OBJ_values`. -1: without bounds. */
  readonly limits?: Readonly<Record<string, { readonly bytes?: number; readonly messages?: number }>>;
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
