export { openChat, type Chat, type ChatOptions, type Reply } from "./testing/chat.ts";
export { runAction, type Attachment, type GivenFiles } from "./testing/run-action.ts";
export type { TestAnswer } from "./testing/work.ts";
