export type { Adapter, Capabilities, Inbox, Resolution, SendContext, SendResult } from "./adapter.ts";
export { runGateway, type GatewayOptions } from "./run-gateway.ts";
export { startGateway, type StartOptions } from "./start-gateway.ts";
export type { UnsurePolicy } from "./send-queue.ts";
