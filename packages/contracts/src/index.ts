export { AccessChange, AccessList, AccessRule, identityOf, OwnerClaim, Owners } from "./access.ts";
export { ActionFinished, ActionRequested, attemptIn, AttemptRecord, AttemptRef, Control, Outcome, OutputChunk } from "./action.ts";
export { ApiKey } from "./api-key.ts";
export {
  Acknowledgement,
  ActionDefinition,
  ActivePack,
  AliasDefinition,
  AliasFormat,
  InstalledVersion,
  PackConfig,
  PackFiles,
  PackOrigin,
  PackVersion,
  Parameter,
  PolicyDefinition,
  RuleDefinition,
  SensorDefinition,
  SourcePlace,
  TriggerDefinition,
} from "./definition.ts";
export { textWithCards } from "./card-text.ts";
export { durables, type Durable } from "./durables.ts";
export { Enforcement, EventOutcome, EventSource, HappenedBefore, RuleSwitch, TriggerFired } from "./event.ts";
export { durations, scaled, type DurationName, type Durations } from "./durations.ts";
export {
  attemptKey,
  bookmarkKeys,
  commandId,
  configKey,
  conversationKey,
  instanceOfKey,
  messageIds,
  messageKey,
  pressId,
  pressKey,
  questionKey,
  replayKey,
  runId,
  shardOfKey,
  shardOfRun,
} from "./keys.ts";
export { Holding, Member } from "./lease.ts";
export { limits, shardCount } from "./limits.ts";
export { Mark } from "./mark.ts";
export {
  Address,
  Content,
  Conversation,
  FileRef,
  Message,
  MessageDeleted,
  MessageEdited,
  MessagePressed,
  MessageReacted,
  MessageSubmitted,
  Original,
  Person,
} from "./message.ts";
export { Choice, Choices, Field, Form, Inquiry, Meaning, Option, Press } from "./press.ts";
export { Problem, problem, ProblemData, problems, toProblem, type ProblemCode } from "./problems.ts";
export { Question } from "./question.ts";
export { Apart, Change, Held, Parted, Path, Progress } from "./held.ts";
export {
  Announcement,
  Checkpoint,
  Command,
  Intake,
  Parent,
  ReplyPlan,
  Run,
  RunAsked,
  RunRecord,
  RunStatus,
  Task,
  Timer,
  WorkflowRun,
} from "./run.ts";
export { Body, Bookmark, Card, Continuation, Gesture, Piece, Receipt, Send } from "./send.ts";
export {
  buckets,
  objectStores,
  streamNames,
  streams,
  type BucketDeclaration,
  type StreamDeclaration,
  type StreamLayout,
  type StreamLimits,
} from "./streams.ts";
export { shards, subjects, type Subject } from "./subjects.ts";
export { Tick } from "./tick.ts";
export { hash, nameOfToken, token } from "./token.ts";
export { eventKey, spans, traceOf, type SpanRef } from "./trace.ts";
export { isSealed, masked, maskText, maskValue, ObjectRef, Sealed, secretMask, Value } from "./value.ts";
export { readWire, versionOf, wireVersion, type Read, type Shape } from "./wire.ts";
