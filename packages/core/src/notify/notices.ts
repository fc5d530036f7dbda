import {
  eventKey,
  hash,
  isFields,
  masked,
  runId,
  shardOfKey,
  traceOf,
  type Body,
  type Command,
  type Notice,
  type Notify,
  type Outcome,
  type Problem,
  type Run,
  type Value,
} from "@bellhop/contracts";
import { kvNames, kvUser, type Datastore } from "../kv/names.ts";
import type { KeptText } from "../reply/fit.ts";
import { bodyOf } from "../run/announce.ts";
import { placesNamed, roomOf, type Places } from "../run/place.ts";
import { fillTemplate } from "../template.ts";

/** What rules wait for that tell of runs their own way, with StackStorm's name and fields. */
export const notifyTrigger = "core.st2.generic.notifytrigger";

/** What has come to its end: a run, or a task of one.
 *  `name`: of the task, as attempts are named.
 *  `run`: the task's own, where it has one.
 *  `output`: the outcome's, loaded where it travelled by reference. */
export interface Ended {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly run?: string;
  readonly outcome: Outcome;
  readonly output?: unknown;
}

/** What is known of who can be told.
 *  `datastore`: what templates may ask for; secrets stay closed in rooms.
 *  `waitsFor`: whether a rule waits for a trigger.
 *  `kindOf`: of an action, where that is known. */
export interface Telling {
  readonly places: Omit<Places, "here">;
  readonly datastore?: Datastore | undefined;
  waitsFor(trigger: string): boolean;
  kindOf(action: string): string | undefined;
}

export interface Told {
  readonly commands: Command[];
  /** Has to lie in the object store before the step is logged. */
  readonly kept: KeptText[];
  /** Rooms in which it can't be said now, and why. */
  readonly unsaid: { readonly route: string; readonly problem: Problem }[];
}

/** Tells of an end as its action wants it: in rooms, and to rules. Part of the step in which it ends, so that it is told once.
 *  @param at.at when the step is made, ISO 8601 */
export function noticesOf(at: { notify: Notify; run: Run; ended: Ended; at: string; telling: Telling }): Told {
  const { notify, ended } = at;
  const told: Told = { commands: [], kept: [], unsaid: [] };
  const parts = sections.filter(({ when }) => when(ended.outcome.status));
  const names = namesOf(at);
  for (const { part, suffix } of parts) {
    const notice = notify[part];
    if (notice === undefined) continue;
    const text = filled(notice.message, names) ?? `Action ${ended.action} ${suffix}`;
    const data = filledIn(notice.data ?? {}, names);
    const there = new Set<string>();
    for (const [index, route] of notice.routes.entries()) tell({ ...at, part, notice, route, index, text, data, there }, told);
  }
  return told;
}

type At = Parameters<typeof noticesOf>[0] & {
  part: string;
  notice: Notice;
  route: string;
  index: number;
  text: string;
  data: Readonly<Record<string, unknown>>;
  /** Rooms that one route or another has told already. */
  there: Set<string>;
};

/** One that is neither here nor a room that somebody named is a rule's, where one waits. */
function tell(at: At, told: Told): void {
  const { run, ended, part, route, index, telling, there } = at;
  const name = `${run.id}/notify/${ended.name === undefined ? "" : `${ended.name}/`}${part}/${index}`;
  const rooms = placesNamed({ rooms: [route] }, { ...telling.places, here: run.replyTo });
  const to = rooms.kind === "ok" ? rooms.to.filter((room) => !there.has(roomOf(room))) : [];
  for (const room of to) there.add(roomOf(room));
  told.commands.push(...to.map((room) => noticeIn(at, { name, to: room })));
  const heard = telling.waitsFor(notifyTrigger);
  const isRules = rooms.kind === "refused" && rooms.problem.code === "room_unknown" && (heard || route === "here");
  if (rooms.kind === "refused" && !isRules) told.unsaid.push({ route, problem: rooms.problem });
  if (!heard) return;
  const { value, kept } = payloadOf(at);
  told.kept.push(...kept);
  const event = runId({ key: name, at: at.at, shard: shardOfKey(name) });
  const how = { ...(run.depth === undefined ? {} : { depth: run.depth }), trace: traceOf(eventKey(event)), firedAt: at.at };
  const source = { kind: "run", name: run.id } as const;
  told.commands.push({ kind: "fire", event: { v: 1, key: name, event, trigger: notifyTrigger, payload: value, source, ...how } });
}

function noticeIn({ run, ended, text, data }: At, { name, to }: { name: string; to: Run["replyTo"] }): Command {
  const { platform, account } = to;
  const { extra } = data;
  const body = bodyOf({ text: text.slice(0, longest), platform, tone: toneOf(ended.outcome), ...(isFields(extra) ? { extra } : {}) });
  const key = `${name}/${hash(roomOf(to)).slice(0, 16)}`;
  return { kind: "send", send: { v: 1, key, revision: 1, run: run.id, final: true, refusalTo: run.replyTo, platform, account, to, body } };
}

/** In a chat it is to be read at once. */
const longest = 8_000;

function toneOf({ status }: Outcome): Body["tone"] {
  if (status === "succeeded") return "ok";
  return status === "canceled" ? "warn" : "error";
}

/** Which parts an end is told by, and what they say where they have no words. What was canceled has not failed, as StackStorm has it. */
const sections: readonly { part: keyof Notify; when: (status: Outcome["status"]) => boolean; suffix: string }[] = [
  { part: "complete", when: () => true, suffix: "completed." },
  { part: "success", when: (status) => status === "succeeded", suffix: "succeeded." },
  { part: "failure", when: (status) => status !== "succeeded" && status !== "canceled", suffix: "failed." },
  { part: "cancel", when: (status) => status === "canceled", suffix: "was canceled." },
];

/** StackStorm's names, and those that aliases see. */
function namesOf({ run, ended, at, telling }: Parameters<typeof noticesOf>[0]): Record<string, unknown> {
  const { action, input, outcome } = ended;
  const [parameters, result] = [masked(input), resultOf(ended)];
  const user = run.asker.name ?? run.asker.id;
  const parent = run.parent === undefined && ended.name === undefined ? {} : { parent: { execution_id: run.parent?.run ?? run.id } };
  const times = { start_timestamp: run.askedAt, end_timestamp: at };
  return {
    ...kvOf(telling.datastore, run, packsOf(run, ended)),
    action_parameters: parameters,
    action_results: result,
    action_context: { user, api_user: user, source_channel: run.replyTo.channel, ...parent },
    status: outcome.status,
    why: outcome.problem?.message ?? "",
    result,
    execution: { id: executionOf({ run, ended }), status: outcome.status, result, parameters, action: { ref: action }, ...times },
  };
}

/** Whose words these may be: of a task's end its workflow's, or its own action's. */
function packsOf({ workflow }: Run, { action, name }: Ended): string[] {
  const refs = name === undefined || workflow === undefined ? [action] : [action, workflow.task.action];
  return [...new Set(refs.map((ref) => ref.split(".", 1)[0] ?? ""))];
}

function kvOf(datastore: Datastore | undefined, { asker }: Run, packs: readonly string[]): Record<string, unknown> {
  if (datastore === undefined) return {};
  const closed: Datastore = {
    find: (place) => datastore.find(place),
    leadsOn: (place) => datastore.leadsOn(place),
    open() {
      throw new Error("what is told in rooms and to rules holds no secrets");
    },
    maySee: () => packs.every((pack) => datastore.maySee?.(pack) !== false),
  };
  // Where it is not known which of two packs speaks, none sees the other's own values.
  const { st2kv } = kvNames(closed, { user: kvUser(asker), pack: packs.length === 1 ? packs[0] : undefined });
  return { st2kv };
}

function executionOf({ run, ended }: { run: Run; ended: Ended }): string {
  return ended.run ?? run.id;
}

function resultOf({ outcome, output }: Ended): unknown {
  if (output !== undefined) return masked(output);
  return outcome.problem === undefined ? null : { error: outcome.problem.message };
}

function payloadOf(at: At): { value: Value; kept: KeptText[] } {
  const { run, ended, route, text, data, telling } = at;
  const { action, outcome } = ended;
  const times = { start_timestamp: run.askedAt, end_timestamp: at.at };
  const payload = {
    execution_id: executionOf(at),
    status: outcome.status,
    ...times,
    action_ref: action,
    runner_ref: telling.kindOf(action) ?? null,
    route,
    channel: route,
    message: text,
    // A text, as rules of StackStorm's take it apart themselves.
    data: { ...data, result: JSON.stringify(resultOf(ended)) },
  };
  const json = JSON.stringify(payload);
  const bytes = new TextEncoder().encode(json).length;
  if (bytes <= largestInline) return { value: { inline: payload }, kept: [] };
  const object = hash(json);
  return { value: { ref: { object, bytes } }, kept: [{ object, text: json }] };
}

/** Several of them share the last record of a run. */
const largestInline = 4 * 1024;

/** A template that can't be filled is its author's fault, and no reason to tell nothing. */
function filled(template: string | undefined, names: Readonly<Record<string, unknown>>): string | undefined {
  if (template === undefined) return undefined;
  const read = fillTemplate(template, names, "empty");
  return read.kind === "ok" && read.text.trim() !== "" ? read.text : undefined;
}

function filledIn(data: Readonly<Record<string, unknown>>, names: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fill = (value: unknown): unknown => {
    if (typeof value === "string") return filled(value, names) ?? "";
    if (Array.isArray(value)) return value.map(fill);
    return isFields(value) ? filledIn(value, names) : value;
  };
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, fill(value)]));
}
