export type { CallFault, CallName, CallPlan, FaultyCall, PlannedFault, SyncFault, SyncPlan } from "./faults.ts";
export { startFakeMatrix, type FakeMatrix, type FakeMatrixOptions } from "./fake-matrix.ts";
export type { FileContent, Reaction, Saying } from "./people.ts";
export type { RoomFile, RoomMessage } from "./room.ts";
export type { LoggedCall } from "./serve.ts";
export type { Bot, Content, MatrixEvent, Pace } from "./state.ts";
