export type { People, SentFile } from "./acts.ts";

export { startFakeDiscord, type FakeDiscord, type FakeDiscordOptions } from "./fake-discord.ts";
export type { CallFault } from "./faults.ts";

export type { RateLimit } from "./rate-limits.ts";
export type { RoomMessage } from "./room.ts";

export type { Bot } from "./state.ts";
