export type { Applied, Bus, BusLog, Change, Finding, Named } from "./bus.ts";
export type { Consumption, ConsumeOptions, DeadLetter, Delivery, Reading, Several } from "./delivery.ts";
export type { Bucket, Entry, LogEntry, Objects, OldObject, WatchedEntry } from "./kept.ts";
export type { Hold, MemberRef, Membership, ProcessIdentity } from "./members.ts";
export { fire, fireStored, type Happened } from "./fire.ts";
export { openKv, type Kv, type KvFound } from "./kv.ts";
export { connectBus } from "./connect.ts";
export type { StreamFigures } from "./figures.ts";
export type { QueueStand } from "./queue-stand.ts";

export { shownUrl } from "./connection.ts";
export { isDoable, isStuck } from "./plan.ts";
export { followConfigs } from "./set-configs.ts";
export { Passing } from "./passing.ts";
export { several, type OneOf } from "./several.ts";
