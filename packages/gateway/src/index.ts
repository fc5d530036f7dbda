export {
  capabilityNames,
  type Adapter,
  type Call,
  type Capabilities,
  type Capability,
  type Heard,
  type Inbox,
  type Lane,
  type Level,
  type Marks,
  type Place,
  type Resolution,
  type SendResult,
  type Standing,
  type Tried,
} from "./adapter.ts";
export { callOf, type Called, type Prefixes } from "./addressing.ts";
export { choiceLines, choiceName, formWithin, formWords, pressables, readChoiceName, type Pressable } from "./choices.ts";
export { monotonic, type Clock } from "./clock.ts";
export { gatewayConfig, hasAccounts, PrefixFile, type GatewayConfig, type NamedAccount, type PlatformSettings } from "./config.ts";
export { readFile } from "./files.ts";
export { heardId } from "./heard.ts";
export { callOverHttp, type HttpAnswer, type HttpRequest } from "./http.ts";
export { askPlatform, type InspectAnswer, type Inspection } from "./inspect.ts";
export { createPace, type Pace } from "./pace.ts";
export { runGateway, type GatewayOptions } from "./run-gateway.ts";
export { startGateway, type AccountToOpen, type StartOptions } from "./start-gateway.ts";
export type { UnsurePolicy } from "./say.ts";
export { openSpool, type Spool, type SpoolOptions } from "./spool.ts";
export { unanswered } from "./unanswered.ts";
