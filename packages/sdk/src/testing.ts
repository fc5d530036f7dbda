export { openChat, type Chat, type ChatOptions, type Reply } from "./testing/chat.ts";
export { pollSensor, type EmittedEvent } from "./testing/poll-sensor.ts";
export { rehearse, type NamedWorkflow, type Rehearsal, type RehearsalScript, type RehearsedTask } from "./testing/rehearse.ts";
export { runAction, type Attachment, type GivenFiles } from "./testing/run-action.ts";
export type { TestAnswer } from "./testing/work.ts";
