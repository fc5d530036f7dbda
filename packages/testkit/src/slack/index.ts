export { startFakeSlack, type FakeSlack, type SentFile } from "./fake-slack.ts";
export type { CallFault } from "./faults.ts";

export type { JournalEntry } from "./journal.ts";
export type { RoomMessage } from "./room.ts";
export type { Delivery } from "./socket-mode.ts";
export type { Bot } from "./state.ts";
