export type { Adapter, Capabilities, Inbox, Resolution, SendContext, SendResult } from "./adapter.ts";
