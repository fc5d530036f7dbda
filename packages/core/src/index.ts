export { claimHash, decideClaim, type ClaimDecision, type ClaimTry } from "./access/claim.ts";
export { decideAccess, type AccessDecision, type AccessWish } from "./access/change.ts";
export { isOwner, mayCancel, mayRun, policyOf, type Access, type FileRule, type Policy, type Rule } from "./access/may-run.ts";
export { parseWhat, type Target, type What, type WhatRead } from "./access/what.ts";
export { parseWho, roomOf, type Room, type Who, type WhoRead } from "./access/who.ts";
export { doneWords } from "./access/words.ts";
export type { AliasParameters } from "./alias/expression.ts";
export { exampleOf } from "./alias/example.ts";
export { fixedParameters, type Fixed } from "./alias/fixed.ts";
export { chatCommand, compileFormat, extract, mayFit, type ChatCommand, type CompiledFormat, type CompileResult } from "./alias/format.ts";
export { aliasIndex, type AliasIndex, type Candidate } from "./alias/index.ts";
export { matchAlias, nearestFormat, prepareMatching, type Match } from "./alias/match.ts";
export {
  extractEach,
  extractStrict,
  matchStrict,
  strictFormat,
  strictPatterns,
  type StrictAlias,
  type StrictFormat,
  type StrictMatch,
  type StrictPattern,
  type StrictResult,
} from "./alias/strict.ts";
export { parseBuiltin, type Builtin } from "./builtin/words.ts";
export { emptyCatalog, withoutPack, packSteps, withPack, type Catalog, type CatalogFault, type CompiledAlias } from "./catalog.ts";
export { checkValue, type ConfigSchema } from "./config/check.ts";
export { holdsSecret, mapSecrets } from "./config/secrets.ts";
export {
  checkSettings,
  configFault,
  configOf,
  instanceName,
  instancesOf,
  settingsOf,
  unknownInstance,
  unknownSetting,
  type ConfigLayer,
  type Setting,
} from "./config/settings.ts";
export { configVariable, placeText } from "./config/words.ts";
export { readLetter, replayOf, whoWaits, type Letter, type Replay } from "./dead/replay.ts";
export { fieldsOf } from "./inquiry/fields.ts";
export { askFor, readPress, type ReadPress } from "./inquiry/pressed.ts";
export { takeAnswer, type Taken } from "./inquiry/take.ts";
export { pairsOf, readTyped, typedAnswer, type ReadTyped, type Typed } from "./inquiry/typed.ts";
export { mayAnswer } from "./access/may-answer.ts";
export { readOn, type Readable, type ReadingOn } from "./intake/read-on.ts";
export { lateWords } from "./intake/ask.ts";
export { severalBody } from "./intake/call.ts";
export { receive } from "./intake/receive.ts";
export type { Received, Verdict } from "./intake/verdict.ts";
export { asksToCancel, reword, withdraw, wordsOf, type Rewording, type Wording } from "./intake/reword.ts";
export { nearest } from "./near.ts";
export { acknowledgementOf } from "./reply/acknowledge.ts";
export type { KeptText } from "./reply/fit.ts";
export { emptyTail, mayShowOutput, outputSend, tailed, type Tail } from "./reply/output.ts";
export { mayShowTasks, taskLines } from "./reply/tasks.ts";
export { tasksSend } from "./reply/workflow-card.ts";
export { pageOf } from "./reply/page.ts";
export { renderProblem } from "./reply/render.ts";
export { fullNotice, setAside, standingReply, type StandingReply } from "./reply/send.ts";
export { isRoom, type NamedRoom, type Places, type Sender } from "./run/announce.ts";
export { mainTask } from "./run/attempt.ts";
export { decide } from "./run/decide.ts";
export type { Decision, DecideSettings, RunEvent } from "./run/event.ts";
export { readInput, type Input } from "./run/input.ts";
export { outputSchema, readOutput, type OutputRead } from "./run/output.ts";
export { kinds } from "./run/kinds.ts";
export { brokenBy, isOver, transitions } from "./run/life.ts";
export { isWorkflow } from "./run/workflow-of.ts";
export { parametersOf, type Parameters } from "./run/parameters.ts";
export { findAction, planRun, type Planned, type RunPlan } from "./run/plan.ts";
export type { CriterionFailure, CriterionVerdict, Happening } from "./rule/criteria.ts";
export {
  checkRule,
  compileRule,
  evaluateRules,
  explainRule,
  type CompiledRule,
  type Evaluation,
  type RuleOutcome,
} from "./rule/evaluate.ts";
export { enforce, longestChain, rulePlatform, ruleInput, type Enforced } from "./rule/enforce.ts";
export { indexRules, triggerKey, type RuleIndex } from "./rule/index-rules.ts";
export { compileKey, KeyFault } from "./rule/key.ts";
export { operators } from "./rule/operators.ts";
export { isTemplate, jinja, type Render } from "./rule/pattern.ts";
export { dueTicks, isTimer, readSchedule, timerTriggers, type Missed, type Schedule, type ScheduleRead } from "./tick/schedule.ts";
export { scriptArguments } from "./shell/arguments.ts";
export {
  commandEnvironment,
  commandResult,
  givenEnvironment,
  parameterEnvironment,
  type CommandEnd,
  type CommandResult,
} from "./shell/result.ts";
export { installHint } from "./shell/missing.ts";
export { renderShell, shellFault, type ShellFault, type ShellText } from "./shell/quote.ts";
export { checkOf, schemaFault, type Check, type Violation } from "./schema/compile.ts";
export { fillTemplate, readTemplate, templateFault, type TemplateFault } from "./template.ts";
export { conduct, contextOf } from "./workflow/conduct.ts";
export {
  compileWorkflow,
  type Assignment,
  type Items,
  type Retry,
  type Transition,
  type Workflow,
  type WorkflowTask,
} from "./workflow/definition.ts";
export { dataOf, readWorkflowText, type WorkflowText } from "./workflow/document.ts";
export type { Conducted, MovedStatus, TaskAgain, WorkflowCommand, WorkflowEvent } from "./workflow/event.ts";
export { inlineParameters, type InlineParameter } from "./workflow/inline.ts";
export { inspectChain } from "./workflow/inspect/inspect-chain.ts";
export {
  distinct,
  inspectionOf,
  inspectWorkflow,
  specPath,
  type Complaint,
  type InspectionSettings,
} from "./workflow/inspect/inspect-workflow.ts";
export { workflowSchema } from "./workflow/inspect/syntax.ts";
export {
  rehearse,
  type Rehearsed,
  type RehearsedCall,
  type RehearsalSettings,
  type Script,
  type ScriptedEnd,
} from "./workflow/rehearse.ts";
export { at as itemAt, each as eachItem, type List } from "./workflow/list.ts";
export type { EndStatus, ItemsState, LogEntry, Staged, TaskState, TaskStatus, WorkflowState, WorkflowStatus } from "./workflow/state.ts";
export { explainWorkflow, type Explained } from "./workflow/explain.ts";
