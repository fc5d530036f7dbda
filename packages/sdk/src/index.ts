export { z } from "zod";
export {
  ActionFailed,
  defineAction,
  isAction,
  type Action,
  type ActionCall,
  type ActionLog,
  type ActionSpec,
  type AnyAction,
  type InputGiven,
  type InputNames,
  type InputShape,
  type Repeatable,
} from "./action.ts";
export type { ActionFile, Attach } from "./files.ts";
export type { KvOptions, KvSpace, PackKv } from "./kv.ts";
export {
  defineAlias,
  isAlias,
  type Ack,
  type Alias,
  type AliasSpec,
  type AnyAlias,
  type CardSpec,
  type Extra,
  type Format,
} from "./alias.ts";
export { defineConfig, isConfig, type AnyConfig, type Config, type ConfigValues } from "./config.ts";
export type { Notice, Notify } from "./notify.ts";
export type { Policy } from "./policy.ts";
export {
  defineRule,
  isRule,
  type AnyRule,
  type Criteria,
  type Criterion,
  type ItemCriteria,
  type Operator,
  type Rule,
  type RuleSpec,
  type Template,
  type Triggers,
} from "./rule.ts";
export {
  defineSensor,
  isSensor,
  type AnySensor,
  type Emit,
  type Emitted,
  type PassiveSensor,
  type PollingSensor,
  type Sensor,
  type SensorCall,
  type SensorSpec,
  type SensorState,
  type TriggerShapes,
} from "./sensor.ts";
export { code, table, type Cell } from "./table.ts";
export {
  defineWorkflow,
  isWorkflow,
  type Amount,
  type AnyWorkflow,
  type Assignments,
  type EngineCommand,
  type Expression,
  type TaskSpec,
  type TransitionSpec,
  type Workflow,
  type WorkflowSpec,
} from "./workflow.ts";
