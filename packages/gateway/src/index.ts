export type {
  Adapter,
  Call,
  Capabilities,
  Heard,
  Inbox,
  Lane,
  Level,
  Marks,
  Place,
  Resolution,
  SendResult,
  Standing,
  Tried,
} from "./adapter.ts";
export { callOf, type Called } from "./addressing.ts";
export { choiceLines, choiceName, formWithin, formWords, pressables, readChoiceName, type Pressable } from "./choices.ts";
export { monotonic, type Clock } from "./clock.ts";
export { gatewayConfig, hasAccounts, PrefixFile, type GatewayConfig, type PlatformSettings } from "./config.ts";
export { readFile } from "./files.ts";
export { heardId } from "./heard.ts";
export { callOverHttp, type HttpAnswer } from "./http.ts";
export { askPlatform, type InspectAnswer, type Inspection } from "./inspect.ts";
export { createPace, type Pace } from "./pace.ts";
export { runGateway, type GatewayOptions } from "./run-gateway.ts";
export { startGateway, type StartOptions } from "./start-gateway.ts";

export { unanswered } from "./unanswered.ts";
