export { startFakeSlack, type FakeSlack, type FakeSlackOptions, type LoggedCall } from "./fake-slack.ts";
export type { CallFault, CallPlan, EventFault, EventPlan, PlannedFault } from "./faults.ts";
export type { SlackEvent } from "./events.ts";
export type { RoomMessage } from "./room.ts";
export type { Delivery } from "./socket-mode.ts";
export type { Bot, Metadata } from "./state.ts";
