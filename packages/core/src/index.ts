export { claimHash, decideClaim } from "./access/claim.ts";
export { decideAccess, type AccessWish } from "./access/change.ts";
export { mayCancel, mayRun, maySee, policyOf, type Access, type FileRule, type Policy, type Rule } from "./access/may-run.ts";
export { parseWhat, type Target, type What } from "./access/what.ts";
export { parseWho, type Room, type Who } from "./access/who.ts";
export { doneWords } from "./access/words.ts";

export { exampleOf } from "./alias/example.ts";
export { fixedParameters } from "./alias/fixed.ts";
export { chatCommand, extract, mayFit } from "./alias/format.ts";
export { aliasIndex, type AliasIndex, type Candidate } from "./alias/index.ts";
export { matchAlias, prepareMatching, type Match } from "./alias/match.ts";
export { extractEach, extractStrict, matchStrict, strictFormat, strictPatterns, type StrictPattern } from "./alias/strict.ts";
export { builtinHelp, parseBuiltin } from "./builtin/words.ts";
export { emptyCatalog, withoutPack, packSteps, withPack, type Catalog } from "./catalog.ts";
export { checkValue, takesFromDatastore, type ConfigSchema } from "./config/check.ts";
export { configContext, withoutValues, type ConfigContext } from "./config/context.ts";
export { datastoreOf, datastorePlaces, fillConfig } from "./config/from-datastore.ts";
export { layersOf, type Given } from "./config/given.ts";
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
export { readLetter, replayOf, whoWaits, type Letter } from "./dead/replay.ts";
export { askedFields } from "./inquiry/fields.ts";
export { askFor, readPress } from "./inquiry/pressed.ts";
export { takeAnswer, type Taken } from "./inquiry/take.ts";
export { pairsOf, readTyped, typedAnswer, type Typed } from "./inquiry/typed.ts";

export { circleAmong } from "./policy/circles.ts";
export { enter, isIdle, leave, refuse, settle, type Entered, type GateSettings } from "./policy/gate.ts";
export { isLimited, policiesByAction, type ActionPolicies, type Limit } from "./policy/policies.ts";
export { nextLook, refusedVerdict, verdicts } from "./policy/verdicts.ts";
export { waitingAtGates, waitWords } from "./policy/waiting.ts";
export { lengthInWords, limitInWords } from "./policy/words.ts";
export { readOn, type Readable } from "./intake/read-on.ts";
export { lateWords } from "./intake/ask.ts";
export { severalBody } from "./intake/call.ts";
export { dueMessage, type Schedules } from "./schedule/decide.ts";
export { momentWords, nextTimes, zoneName } from "./schedule/say.ts";
export { zoneOf } from "./tick/zone.ts";
export { asksStatus, receive } from "./intake/receive.ts";
export type { Verdict } from "./intake/verdict.ts";
export { asksToCancel, reword, withdraw, wordsOf, type Rewording, type Wording } from "./intake/reword.ts";
export { actionAsksDatastore, aliasAsksDatastore } from "./kv/asks.ts";
export { asksDatastore, kvNames, kvUser, namesFor, type Datastore } from "./kv/names.ts";
export { nearest } from "./near.ts";
export { noticesOf, type Ended, type Telling } from "./notify/notices.ts";
export { notifyOf } from "./notify/read.ts";
export { acknowledgementOf } from "./reply/acknowledge.ts";
export type { KeptText } from "./reply/fit.ts";
export { emptyTail, mayShowOutput, outputSend, tailed, type Tail } from "./reply/output.ts";
export { mayShowTasks, taskLines } from "./reply/tasks.ts";
export { tasksSend } from "./reply/workflow-card.ts";
export { pageOf } from "./reply/page.ts";
export { renderProblem, renderReply } from "./reply/render.ts";
export { fullNotice, setAside, standingReply, type StandingReply } from "./reply/send.ts";
export { mostPlaces, tooManyRooms } from "./post/posting.ts";
export { placesOf, nowhere, postedOutput, postSends, type PostAsk } from "./post/say.ts";
export { isRoom, type NamedRoom, type Places, type Sender } from "./run/place.ts";
export { cleansUp } from "./run/attempt.ts";
export { mainTask } from "./run/main-task.ts";
export { entering, ownAttempt } from "./run/pass.ts";
export { inTraceOf } from "./run/in-trace.ts";
export { decide } from "./run/decide.ts";
export type { Decision, DecideSettings, RunEvent } from "./run/event.ts";
export type { Input } from "./run/input.ts";
export { outputSchema, printsSecrets, readOutput } from "./run/output.ts";
export { kinds } from "./run/kinds.ts";
export { brokenBy, isOver } from "./run/life.ts";
export { isWorkflow } from "./run/workflow-of.ts";
export { parametersOf, type Parameters } from "./run/parameters.ts";
export { planRun, type Planned, type RunPlan } from "./run/plan.ts";
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
export { maskedPayload } from "./rule/masked-payload.ts";
export { chainBounds, type ChainBounds } from "./rule/chain.ts";
export { enforceSteps, rulePlatform, ruleInput, type Enforced } from "./rule/enforce.ts";
export { indexRules, triggerKey, type RuleIndex } from "./rule/index-rules.ts";
export { compileKey, KeyFault } from "./rule/key.ts";
export { payloadFault } from "./rule/payload-fault.ts";
export { operators } from "./rule/operators.ts";
export { isTemplate, jinja } from "./rule/pattern.ts";
export { dueTicks, isTimer, readSchedule, type Missed, type Schedule } from "./tick/schedule.ts";
export { scriptArguments } from "./shell/arguments.ts";
export {
  commandEnvironment,
  configEnvironment,
  commandResult,
  givenEnvironment,
  parameterEnvironment,
  type CommandEnd,
} from "./shell/result.ts";
export { installHint } from "./shell/missing.ts";
export { shellFault } from "./shell/quote.ts";
export { shellDoubts, type ShellDoubt } from "./shell/doubts.ts";
export { checkOf, schemaFault, type Check } from "./schema/compile.ts";
export { readTemplate, templateFault, type TemplateFault } from "./template.ts";
export { conduct } from "./workflow/conduct.ts";
export { compileWorkflow, type Items, type Retry, type Workflow } from "./workflow/definition.ts";
export { dataOf, readWorkflowText } from "./workflow/document.ts";
export type { WorkflowCommand } from "./workflow/event.ts";
export { inlineParameters } from "./workflow/inline.ts";
export { inspectChain } from "./workflow/inspect/inspect-chain.ts";
export { distinct, inspectionOf, inspectWorkflow, specPath, type Complaint } from "./workflow/inspect/inspect-workflow.ts";
export { workflowSchema } from "./workflow/inspect/syntax.ts";
export {
  openRehearsal,
  rehearse,
  resultsOfNobody,
  type Answer,
  type Rehearsed,
  type RehearsedCall,
  type ScriptedEnd,
} from "./workflow/rehearse.ts";
export { each as eachItem, type List } from "./workflow/list.ts";
export { stateOf, type LogEntry, type WorkflowState } from "./workflow/state.ts";
export { explainWorkflow, type Explained } from "./workflow/explain.ts";
export { sensorEventKey } from "./sensor/event-key.ts";
export { restartDelay } from "./sensor/restart.ts";
export { shareOut, type Shared } from "./sensor/share-out.ts";
