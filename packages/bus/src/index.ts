export type {
  Bucket,
  Bus,
  BusLog,
  BusOptions,
  BusRole,
  BusStatus,
  Consumption,
  ConsumeOptions,
  Delivery,
  Entry,
  Hold,
  JoinOptions,
  LogEntry,
  MemberRef,
  Membership,
  Objects,
  ProcessIdentity,
  RunLog,
  Several,
  WatchedEntry,
} from "./bus.ts";
export { connectBus } from "./connect.ts";
export { several, type OneOf } from "./several.ts";
