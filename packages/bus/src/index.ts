export type {
  Applied,
  Bucket,
  Bus,
  BusLog,
  BusOptions,
  BusRole,
  BusStatus,
  Change,
  Consumption,
  ConsumeOptions,
  DeadLetter,
  DeadLetters,
  Delivery,
  Entry,
  Finding,
  Hold,
  JoinOptions,
  LogEntry,
  MemberRef,
  Membership,
  Named,
  Objects,
  OldObject,
  ProcessIdentity,
  ReadBatch,
  Reading,
  ReadOptions,
  RunLog,
  ServerFacts,
  Several,
  Snapshot,
  Snapshots,
  StoredBytes,
  StreamState,
  Stuck,
  WatchedEntry,
} from "./bus.ts";
export { fire, type Happened } from "./fire.ts";
export { connectBus } from "./connect.ts";
export type { FiguresWanted, StreamFigures } from "./figures.ts";
export { shownUrl } from "./connection.ts";
export { isDoable, isStuck } from "./plan.ts";
export { several, type OneOf } from "./several.ts";
