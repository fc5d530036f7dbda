export type { CallFault } from "./faults.ts";
export { startFakeMatrix, type FakeMatrix, type FakeMatrixOptions } from "./fake-matrix.ts";
export type { Reaction, Saying } from "./people.ts";
export type { RoomMessage } from "./room.ts";

export type { Bot, Content, Pace } from "./state.ts";
