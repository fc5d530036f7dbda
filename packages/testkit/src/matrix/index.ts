export type { CallFault, CallName, CallPlan, FaultyCall, PlannedFault, SyncFault, SyncPlan } from "./faults.ts";
export { startFakeMatrix, type FakeMatrix, type FakeMatrixOptions, type LoggedCall } from "./fake-matrix.ts";
export type { RoomMessage } from "./room.ts";
export type { Bot, Content, MatrixEvent } from "./state.ts";
