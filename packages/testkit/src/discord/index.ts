export { startFakeDiscord, type FakeDiscord, type FakeDiscordOptions, type LoggedCall } from "./fake-discord.ts";
export type { CallFault, CallPlan, EventFault, EventPlan, PlannedFault } from "./faults.ts";
export type { DiscordEvent } from "./events.ts";
export type { RateLimit, RateLimits } from "./rate-limits.ts";
export type { RoomMessage } from "./room.ts";
export type { Dispatch } from "./gateway.ts";
export type { Bot, Permission } from "./state.ts";
