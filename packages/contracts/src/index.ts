export { AccessChange, AccessList, AccessRule, identityOf, OwnerClaim, Owners } from "./access.ts";
export { ActionFinished, ActionRequested, attemptIn, AttemptRecord, AttemptRef, Control, Outcome, OutputChunk } from "./action.ts";
export { ApiKey } from "./api-key.ts";
export {
  Acknowledgement,
  ActionDefinition,
  AliasDefinition,
  AliasFormat,
  Notice,
  Notify,
  Parameter,
  PolicyDefinition,
  policyTypes,
  RuleDefinition,
  SensorDefinition,
  SourcePlace,
  TriggerDefinition,
} from "./definition.ts";
export { ActivePack, InstalledVersion, PackConfig, PackFiles, PackOrigin, PackVersion } from "./pack-version.ts";
export { textWithCards } from "./card-text.ts";
export { durables, type Durable } from "./durables.ts";
export {
  Enforcement,
  EventOutcome,
  EventSource,
  Firing,
  HappenedBefore,
  isRuleOn,
  isSwitchOver,
  RuleSwitch,
  TriggerFired,
} from "./event.ts";
export { longestInterval, mostPartitions, Partition, sensorHolding, sensorKey, SensorStatus, SensorSwitch } from "./sensor.ts";
export { durations, scaled, type DurationName, type Durations } from "./durations.ts";
export {
  attemptKey,
  bookmarkKeys,
  configKey,
  conversationKey,
  instanceOfKey,
  messageIds,
  messageKey,
  pressId,
  pressKey,
  questionKey,
  scheduleId,
  scheduleKey,
  replayKey,
  runId,
  shardOfKey,
  shardOfMoment,
  shardOfRun,
} from "./keys.ts";
export { fieldsOf, isFields, isList, valueAt } from "./fields.ts";
export { Gate, gateKey, GateVerdict, Pass, passName } from "./gate.ts";
export { isThere, kvKey, KvRecord, kvPurpose, KvScope, ruleUser, type KvPlace } from "./kv.ts";
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
export { Post, Posting, postSendKey } from "./post.ts";
export { isPromptOf, isReadByPerson, promptAccount } from "./prompt.ts";
export { Choice, Choices, Field, Form, Inquiry, Meaning, Option, Press } from "./press.ts";
export { codeOf, Problem, problem, ProblemData, problems, toProblem, type ProblemCode } from "./problems.ts";
export { Question } from "./question.ts";
export { CommandSchedule } from "./schedule.ts";
export { Apart, Change, Held, Parted, Path, Progress } from "./held.ts";
export { Announcement, AtGate, Parent, ReplyPlan, Retry, Run, RunStatus, Task, Timer, WorkflowRun } from "./run.ts";
export { RunAsked } from "./run-asked.ts";
export { Checkpoint, Command, Intake, RunRecord } from "./run-record.ts";
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
export { eventKey, spans, traceOf, traceOfRun, type SpanRef } from "./trace.ts";
export {
  holdsSealed,
  isSealed,
  masked,
  maskText,
  maskValue,
  nestsTooDeep,
  neverSealed,
  ObjectRef,
  Sealed,
  secretMask,
  Value,
} from "./value.ts";
export { readWire, versionOf, wireVersion, type Read, type Shape } from "./wire.ts";
