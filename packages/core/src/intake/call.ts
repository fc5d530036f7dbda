import { identityOf, problem, type ActionDefinition, type Body } from "@bellhop/contracts";
import { mayRun, type Access } from "../access/may-run.ts";
import { roomOf } from "../access/who.ts";
import type { AliasParameters } from "../alias/expression.ts";
import type { CompiledAlias } from "../catalog.ts";
import { parametersOf } from "../run/parameters.ts";
import { findAction, planRun, type Planned, type RunPlan } from "../run/plan.ts";
import { asks } from "./ask.ts";
import { refuse, type Received, type Verdict } from "./verdict.ts";

export interface Called {
  readonly alias: CompiledAlias;
  readonly params: Readonly<Record<string, unknown>>;
  /** Parameters of the format that the command did not say. */
  readonly lacks?: readonly string[];
}

/** What a command of an alias leads to: its run, or a question where it lacks something. */
export function callAlias(at: Received, { alias, params, lacks = [] }: Called): Verdict {
  const access = accessTo(at, alias);
  if (access.kind === "no") return refuse(access.problem);
  const found = findAction(at.catalog, alias.definition.action);
  if (found.kind === "refused") return refuse(found.problem);
  const left = [...new Set([...lacks, ...lackedBy(found.action, { alias, params })])].filter((name) => isMissing(params, name));
  if (left.length > 0) return asks(at, { alias, action: found.action, input: params, lacks: left });
  const planned = plan(at, alias, params);
  return planned.kind === "planned" ? { kind: "run", plan: planned.plan } : refuse(planned.problem);
}

/** The same for an alias that is found several times in one command: all of it, or nothing. */
export function callEach(at: Received, alias: CompiledAlias, all: readonly AliasParameters[]): Verdict {
  const access = accessTo(at, alias);
  if (access.kind === "no") return refuse(access.problem);
  if (all.length > runsAtMost) {
    const { ref } = alias.definition;
    const text = shortened(at.message.content.text);
    return refuse(problem("alias_several", { text, alias: ref, times: String(all.length), most: String(runsAtMost) }));
  }
  const plans: RunPlan[] = [];
  for (const params of all) {
    const planned = plan(at, alias, params);
    if (planned.kind === "refused") return refuse(planned.problem);
    plans.push(planned.plan);
  }
  if (JSON.stringify(plans).length > plansAtMost) return refuse(problem("alias_several_large", { alias: alias.definition.ref }));
  return { kind: "runs", plans };
}

/** Nobody reads the answers of more; and all of their plans stand in one record, with room for what else stands there. */
const runsAtMost = 10;
const plansAtMost = 40_000;

/** What is said of several runs: each answers by itself. */
export function severalBody(plans: readonly RunPlan[], runs: readonly string[]): Body {
  const names = plans.map(({ action }, index) => `- ${action}: run \`${runs[index]}\``);
  return { text: [`That is ${plans.length} commands, and each has an answer of its own:`, "", ...names].join("\n"), tone: "info" };
}

export function accessTo({ policy, message }: Received, { definition }: CompiledAlias): Access {
  return mayRun(policy, message.author, { action: definition.action, alias: definition.ref, room: roomOf(message) });
}

export function shortened(command: string): string {
  return command.length > 100 ? `${command.slice(0, 100)}…` : command;
}

/** What the action needs and nobody gives: neither the command, nor a default, nor the alias. */
function lackedBy(action: ActionDefinition, { alias, params }: Called): string[] {
  const fixed = alias.definition.immutableParameters;
  return Object.entries(parametersOf(action))
    .filter(([, { required, default: value, immutable }]) => required === true && immutable !== true && (value ?? undefined) === undefined)
    .filter(([name]) => isMissing(params, name) && !Object.hasOwn(fixed, name))
    .toSorted(([, a], [, b]) => (a.position ?? Number.MAX_SAFE_INTEGER) - (b.position ?? Number.MAX_SAFE_INTEGER))
    .map(([name]) => name);
}

function isMissing(params: Readonly<Record<string, unknown>>, name: string): boolean {
  return !Object.hasOwn(params, name) || params[name] === null || params[name] === undefined;
}

function plan(at: Received, alias: CompiledAlias, params: Readonly<Record<string, unknown>>): Planned {
  const { author, replyTo, content } = at.message;
  const who = identityOf(author);
  return planRun({
    catalog: at.catalog,
    action: alias.definition.action,
    input: params,
    alias,
    datastore: at.datastore,
    user: who,
    asked: { user: who, api_user: who, source_channel: replyTo.channel },
    files: content.files,
    places: { ...at.places, here: replyTo },
    live: at.liveOutput ?? true,
    checkTriggers: at.checkTriggers,
    ...(at.actionTimeoutMs === undefined ? {} : { timeoutMs: at.actionTimeoutMs }),
  });
}
