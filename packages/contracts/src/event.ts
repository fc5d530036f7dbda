import { z } from "zod";
import { Value } from "./value.ts";

/** Who fired a trigger: what stands behind a webhook's path, a timer, a sensor, a person at a prompt, a run that ended, or an event that is played again. */
export const EventSource = z.object({
  kind: z.enum(["webhook", "cloudevent", "timer", "sensor", "person", "run", "replay", "datastore"]),
  name: z.string().optional(),
});
export type EventSource = z.infer<typeof EventSource>;

/** A trigger fired. */
export const TriggerFired = z.object({
  v: z.literal(1),
  /** The sender's name for it: what is said twice under one key happened once. */
  key: z.string(),
  /** Made of the key as a run's id is: the name of the event's log. */
  event: z.string(),
  /** `pack.name` */
  trigger: z.string(),
  /** Of a trigger that has any: a webhook's path, a timer's schedule. Only rules that ask for the same hear of it. */
  parameters: z.record(z.string(), z.unknown()).optional(),
  payload: Value,
  source: EventSource,
  /** How many events stand before it, each of which led to the next. */
  depth: z.int().min(0).optional(),
  /** The trace that it belongs to: of what led to it, where something did. */
  trace: z.string().optional(),
  /** What its sender calls the chain that it begins (StackStorm's trace tag). */
  tag: z.string().optional(),
  firedAt: z.iso.datetime(),
});
export type TriggerFired = z.infer<typeof TriggerFired>;

/** What an action lets happen: see {@link TriggerFired}. Under one `key` it happens once. */
export const Firing = z.object({ trigger: z.string(), payload: z.unknown(), key: z.string().optional(), tag: z.string().optional() });
export type Firing = z.infer<typeof Firing>;

/** What a rule made of an event. Rules that it does not fit leave none. */
export const Enforcement = z.object({
  /** `pack.name` */
  rule: z.string(),
  action: z.string(),
  /** The run that it asked for; absent where it could ask for none. */
  run: z.string().optional(),
  /** Why it asked for none, or which of its criteria could not be checked. */
  failure: z.string().optional(),
});
export type Enforcement = z.infer<typeof Enforcement>;

/** What an event was, and what it led to: in the first record of its log. */
export const EventOutcome = z.object({
  trigger: z.string(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  payload: Value,
  source: EventSource,
  depth: z.int().min(0).optional(),
  trace: z.string().optional(),
  tag: z.string().optional(),
  firedAt: z.iso.datetime(),
  enforcements: z.array(Enforcement),
  /** How many more there are than the record has room for. */
  unlisted: z.int().min(1).optional(),
  /** Why no rule was asked. */
  refused: z.string().optional(),
});
export type EventOutcome = z.infer<typeof EventOutcome>;

/** An event's key was used: when it was said first. */
export const HappenedBefore = z.object({
  v: z.literal(1),
  key: z.string(),
  at: z.iso.datetime(),
  /** Of the event's id; absent: that of its key. */
  shard: z.int().optional(),
});
export type HappenedBefore = z.infer<typeof HappenedBefore>;

/** Whether a rule is on or off, whatever its file says. */
export const RuleSwitch = z.object({
  v: z.literal(1),
  rule: z.string(),
  enabled: z.boolean(),
  by: z.string(),
  at: z.iso.datetime(),
  /** From then on it is as it was before. */
  until: z.iso.datetime().optional(),
  /** Of one that ends: what the last switch without an end said. Absent where the rule was as its file says. */
  before: z.boolean().optional(),
});
export type RuleSwitch = z.infer<typeof RuleSwitch>;

/** Whether a rule is on. @param now epoch milliseconds */
export function isRuleOn(rule: { readonly enabled: boolean }, turned: RuleSwitch | undefined, now: number): boolean {
  if (turned === undefined) return rule.enabled;
  return (isSwitchOver(turned, now) ? turned.before : turned.enabled) ?? rule.enabled;
}

/** Whether a switch said for how long, and that has passed. @param now epoch milliseconds */
export function isSwitchOver({ until }: RuleSwitch, now: number): boolean {
  return until !== undefined && Date.parse(until) <= now;
}
