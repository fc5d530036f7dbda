export { startFakeSlack, type FakeSlack, type FakeSlackOptions, type SentFile } from "./fake-slack.ts";
export type { CallFault, CallPlan, EventFault, EventPlan, PlannedFault } from "./faults.ts";
export type { SlackEvent } from "./events.ts";
export type { LoggedCall } from "./http.ts";
export type { JournalEntry } from "./journal.ts";
export type { RoomMessage } from "./room.ts";
export type { Delivery } from "./socket-mode.ts";
export type { Bot, Metadata } from "./state.ts";
