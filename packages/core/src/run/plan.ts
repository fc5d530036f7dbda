import {
  durations,
  fieldsOf,
  masked,
  problem,
  type ActionDefinition,
  type FileRef,
  type Problem,
  type ReplyPlan,
  type Task,
} from "@bellhop/contracts";
import { fixedParameters } from "../alias/fixed.ts";
import type { Catalog, CompiledAlias } from "../catalog.ts";
import { instanceName } from "../config/settings.ts";
import { inquiryOf } from "../inquiry/plan.ts";
import { kvNames, type Datastore, type KvNames } from "../kv/names.ts";
import { nearest } from "../near.ts";
import { postingOf } from "../post/posting.ts";
import { announcementOf } from "./announce.ts";
import { firingOf } from "./firing.ts";
import { readInput } from "./input.ts";
import { kinds } from "./kinds.ts";
import { invalid } from "./parameters.ts";
import type { Places } from "./place.ts";

/** What a run will do, checked and complete. `task.input` is plain: whoever stores it first seals the fields that `secrets` names. */
export interface RunPlan {
  action: string;
  alias?: string;
  reply: ReplyPlan;
  task: Task;
  secrets: string[];
}

/** In StackStorm's words. */
export interface Asked {
  readonly user: string;
  readonly api_user: string;
  readonly source_channel: string;
}

export type Planned = { kind: "planned"; plan: RunPlan } | { kind: "refused"; problem: Problem };

/** Turns an action and what was given for its parameters into a plan: StackStorm's rules for parameters, with chat's texts cast by type.
 *  @param at.asked who asks and where: what an alias fixes may name them
 *  @param at.timeoutMs the time-out where neither action nor input names one
 *  @param at.config the instance of the pack's configuration, where it is named apart from the input
 *  @param at.files what came with the command
 *  @param at.places where an announcement can be made
 *  @param at.open reads what is sealed in the input already, for defaults that take it in
 *  @param at.sealed whether the input may hold what is sealed: it comes from a run of ours
 *  @param at.datastore what templates of the action and the alias may ask for, as `at.user` sees it
 *  @param at.checkTriggers whether what is injected has to fit its trigger's schema; true where it is not said
 *  @param at.live whether what a command prints is shown in a chat while it works, where its alias does not say */
export function planRun(at: {
  catalog: Catalog;
  action: string;
  input: Readonly<Record<string, unknown>>;
  alias?: CompiledAlias;
  asked?: Asked;
  config?: string;
  timeoutMs?: number;
  files?: readonly FileRef[];
  places?: Places;
  checkTriggers?: boolean | undefined;
  live?: boolean;
  open?: ((value: unknown) => unknown) | undefined;
  sealed?: boolean;
  datastore?: Datastore | undefined;
  user?: string;
}): Planned {
  const found = findAction(at.catalog, at.action);
  if (found.kind === "refused") return found;
  const { action } = found;
  const seenBy = (pack: string) => (at.datastore === undefined ? undefined : kvNames(at.datastore, { user: at.user ?? "", pack }));
  const given = withFixed(action, { ...at, kv: at.alias === undefined ? undefined : seenBy(at.alias.definition.pack) });
  if (given.kind === "refused") return given;
  const named = ownInstance({ catalog: at.catalog, action, given: given.input, ...(at.config === undefined ? {} : { wanted: at.config }) });
  if (named.kind === "refused") return named;
  const { wanted, input: own } = ownTimeout(action, named.input);
  const context = { ...at.asked, pack: action.pack };
  const { open, sealed } = at;
  const shown = sealed === true && isTold(action) ? fieldsOf(masked(own)) : own;
  const read = readInput({ action, given: shown, context, open, kv: seenBy(action.pack), instance: named.instance, sealed });
  if (read.kind === "refused") return read;
  const { input } = read;
  const timeoutMs = timeoutOf(action, wanted ?? (action.kind === "typescript" ? undefined : input["timeout"]), at.timeoutMs);
  if (timeoutMs === undefined) {
    const value = wanted ?? input["timeout"];
    return refused(invalid({ action: action.ref, name: "timeout", value, parameter: {}, expected: "a number of seconds above 0" }));
  }
  const announced = action.kind === "announcement" ? announcementOf({ action: action.ref, input, places: placesOf(at.places) }) : undefined;
  if (announced?.kind === "refused") return announced;
  const posted = posts.has(action.kind)
    ? postingOf({ kind: action.kind, action: action.ref, input, places: placesOf(at.places) })
    : undefined;
  if (posted?.kind === "refused") return posted;
  const triggers = at.checkTriggers === false ? {} : { triggers: at.catalog.triggers };
  const firing = action.kind === "fire" ? firingOf({ action: action.ref, input, ...triggers }) : undefined;
  if (firing?.kind === "refused") return firing;
  const asked = action.kind === "inquirer" ? inquiryOf({ action: action.ref, input, places: placesOf(at.places) }) : undefined;
  if (asked?.kind === "refused") return asked;
  const task: Task = {
    action: action.ref,
    digest: at.catalog.packs.get(action.pack)?.digest ?? "",
    pool: action.pool,
    input,
    timeoutMs,
    repeatable: isRepeatable(action, input),
    ...(named.instance === undefined ? {} : { config: named.instance }),
    attempt: 1,
    ...(announced === undefined ? {} : { announces: announced.announcement }),
    ...(posted === undefined ? {} : { posts: posted.posting }),
    ...(firing === undefined ? {} : { fires: firing.firing }),
    ...(asked === undefined ? {} : { asks: asked.inquiry }),
    ...(action.notify === undefined ? {} : { notify: action.notify }),
    ...(at.files === undefined || at.files.length === 0 ? {} : { files: [...at.files] }),
  };
  const reply = replyPlan(at.alias, { live: at.live === true && isCommand(action) });
  const alias = at.alias === undefined ? {} : { alias: at.alias.definition.ref };
  return {
    kind: "planned",
    plan: { action: action.ref, ...alias, reply, task, secrets: [...new Set([...read.secrets, ...given.secrets])] },
  };
}

/** Kinds that the shard of a message's name carries out. */
const posts: ReadonlySet<string> = new Set(["post", "post-result", "format-result"]);

/** Whether what an action is given is for rooms, or for rules of any pack: a run's secrets are not shown there, open or sealed. */
function isTold({ kind }: ActionDefinition): boolean {
  return posts.has(kind) || kind === "announcement" || kind === "inquirer" || kind === "fire";
}

function placesOf(places: Places | undefined): Places {
  if (places === undefined) throw new Error("what is said or asked is planned by whoever knows where that can be");
  return places;
}

/** @param otherwise whether output is shown while it comes, where the alias does not say: never more than its result will show anyway */
function replyPlan(alias: CompiledAlias | undefined, otherwise: { live: boolean }): ReplyPlan {
  if (alias === undefined) return { enabled: true };
  const { result, ack } = alias.definition;
  const live = result.live ?? (otherwise.live && result.enabled && result.format === undefined && result.whisper !== true);
  return {
    enabled: result.enabled,
    ...(result.format === undefined ? {} : { format: result.format }),
    ...(result.extra === undefined ? {} : { extra: result.extra }),
    ...(result.whisper === true ? { whisper: true } : {}),
    ...(live ? { live } : {}),
    ...(ack === undefined ? {} : { acknowledgement: ack }),
    ...((isThreaded(result.extra) ?? isThreaded(ack?.extra) ?? true) ? {} : { inRoom: true }),
  };
}

/** What StackStorm's chat reads for Slack, whose replies begin threads of their own here; undefined where nothing is said. */
function isThreaded(extra: Readonly<Record<string, unknown>> | undefined): boolean | undefined {
  const said = fieldsOf(extra?.["slack"])["thread_response"];
  return typeof said === "boolean" ? said : undefined;
}

/** Whether what it prints is its result. */
function isCommand({ kind }: ActionDefinition): boolean {
  return kind.startsWith("local-shell-");
}

/** The action of that name, if it can be run. */
export function findAction(
  catalog: Catalog,
  ref: string,
): { kind: "found"; action: ActionDefinition } | { kind: "refused"; problem: Problem } {
  const action = catalog.actions.get(ref);
  if (action === undefined) {
    const near = nearest(ref, catalog.actions.keys());
    const suggestion = near === undefined ? "`help` lists the commands." : `Did you mean ${near}?`;
    return refused(problem("action_unknown", { action: ref, suggestion }));
  }
  if (!action.enabled) return refused(problem("action_disabled", { action: ref, place: `${action.source.file}:${action.source.line}` }));
  if (!Object.hasOwn(kinds, action.kind)) {
    return refused(problem("kind_unknown", { action: ref, kind: action.kind, kinds: Object.keys(kinds).join(", ") }));
  }
  return { kind: "found", action };
}

function withFixed(
  action: ActionDefinition,
  at: Parameters<typeof planRun>[0] & { kv: KvNames | undefined },
): { kind: "ok"; input: Record<string, unknown>; secrets: string[] } | { kind: "refused"; problem: Problem } {
  if (at.alias === undefined) return { kind: "ok", input: { ...at.input }, secrets: [] };
  const { ref, source, immutableParameters } = at.alias.definition;
  const fixed = fixedParameters({ fixed: immutableParameters, given: at.input, names: { ...at.asked }, kv: at.kv });
  switch (fixed.kind) {
    case "ok":
      return fixed;
    case "taken":
      return refused(problem("parameter_immutable", { action: action.ref, parameter: fixed.name }));
    case "fault": {
      const place = `${ref} (${source.file}:${source.line})`;
      const where = `in the fixed value of ${fixed.name}`;
      const known = "What is fixed knows {{ user }}, {{ api_user }}, {{ source_channel }} and {{ st2kv.system.NAME }}.";
      const { lacks: suggestion = known } = fixed;
      return refused(problem("template_refused", { place, expression: fixed.expression, where, suggestion }));
    }
  }
}

/** Every action of a pack that can be configured takes `config=INSTANCE`. One that declares a parameter of that name means its own. */
function ownInstance(at: {
  catalog: Catalog;
  action: ActionDefinition;
  given: Record<string, unknown>;
  wanted?: string;
}): { kind: "ok"; instance?: string; input: Record<string, unknown> } | { kind: "refused"; problem: Problem } {
  const { catalog, action, given, wanted } = at;
  const configurable = catalog.packs.get(action.pack)?.configurable === true;
  if (wanted !== undefined && !configurable) return refused(problem("pack_config_none", { pack: action.pack, instance: wanted }));
  const { config, ...rest } = given;
  const takes = configurable && !Object.hasOwn(action.parameters, "config");
  const instance = wanted ?? (takes ? (config ?? undefined) : undefined);
  const input = takes ? rest : given;
  if (instance === undefined || instance === "") return { kind: "ok", input };
  if (typeof instance === "string" && instanceName.test(instance)) return { kind: "ok", instance, input };
  const expected = "the name of an instance: letters, digits, `_` and `-`";
  return refused(invalid({ action: action.ref, name: "config", value: instance, parameter: {}, expected }));
}

/** Every command takes `timeout=SECONDS`. A TypeScript action that declares a parameter of that name means its own. */
function ownTimeout(action: ActionDefinition, given: Record<string, unknown>): { wanted?: unknown; input: Record<string, unknown> } {
  if (action.kind !== "typescript" || Object.hasOwn(action.parameters, "timeout")) return { input: given };
  const { timeout: wanted, ...input } = given;
  return { wanted: wanted ?? undefined, input };
}

function timeoutOf(action: ActionDefinition, wanted: unknown, otherwise: number = durations.actionTimeout): number | undefined {
  if (wanted === undefined) return action.timeoutMs ?? otherwise;
  const text = typeof wanted === "string" ? wanted.trim() : wanted;
  const ms = Math.round(text === "" ? Number.NaN : Number(text) * 1000);
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined;
}

function isRepeatable({ repeatable }: ActionDefinition, input: Record<string, unknown>): boolean {
  if (typeof repeatable === "boolean") return repeatable;
  return Object.entries(repeatable).every(([name, values]) =>
    values.some((value) => JSON.stringify(value) === JSON.stringify(input[name])),
  );
}

function refused(problem: Problem): { kind: "refused"; problem: Problem } {
  return { kind: "refused", problem };
}
