import type { z } from "zod";
import { ActionFinished, ActionRequested, Control, OutputChunk } from "./action.ts";
import { TriggerFired } from "./event.ts";
import { valueAt } from "./fields.ts";
import { conversationKey, shardOfKey, shardOfRun } from "./keys.ts";
import { Message, MessageDeleted, MessageEdited, MessagePressed, MessageReacted, MessageSubmitted } from "./message.ts";
import { RunAsked } from "./run-asked.ts";
import { RunRecord } from "./run-record.ts";
import { Send } from "./send.ts";
import { token } from "./token.ts";
import { shardCount } from "./limits.ts";

/** A subject of the wire: its template, what travels on it, and how its placeholders are filled. */
export interface Subject<Payload, Template extends string = string> {
  readonly template: Template;
  readonly schema: z.ZodType<Payload>;
  /** The concrete subject of a payload. */
  of(payload: Payload): string;
  /** A subject to subscribe to: placeholders that are not given become `*`. */
  filter(values?: Partial<Record<Placeholders<Template>, string | number>>): string;
}

type Placeholders<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;

/** Declares a subject. A placeholder other than `{shard}` must be a field of the payload, or this does not compile; `{shard}` needs to be told how. */
export function subject<Payload extends object, const Template extends string>(
  template: Template &
    (Exclude<Placeholders<Template>, "shard"> extends FieldOf<Payload> ? unknown : "a placeholder is no field of the payload"),
  schema: z.ZodType<Payload>,
  ...[shard]: "shard" extends Placeholders<Template> ? [shard: (payload: Payload) => number] : []
): Subject<Payload, Template> {
  const parts = template.split(".").map((part) => /^\{(\w+)\}$/.exec(part)?.[1] ?? { literal: part });
  const fill = (value: (name: string) => string) => parts.map((part) => (typeof part === "string" ? value(part) : part.literal)).join(".");
  return {
    template,
    schema,
    of(payload) {
      return fill((name) => (name === "shard" && shard ? String(shard(payload)) : token(String(valueAt(payload, [name])))));
    },
    filter(values = {}) {
      const given = values as Record<string, string | number | undefined>;
      return fill((name) => (given[name] === undefined ? "*" : token(String(given[name]))));
    },
  };
}

type FieldOf<Payload> = Payload extends unknown ? keyof Payload & string : never;

const bornIn = (payload: { run: string }) => shardOfRun(payload.run) ?? shardOfKey(payload.run);

/** The whole wire. A new subject gets its schema here, one publisher, one consumer, and a place in the journeys. */
export const subjects = {
  message: {
    /** What a person wrote to the bot. Stored before the platform is told that we have it. */
    received: subject("message.received.{platform}.{account}.{shard}", Message, (message) => shardOfKey(conversationKey(message))),
    /** What became of messages since; on the same shard as the message itself, so that their order is kept. */
    edited: subject("message.edited.{platform}.{account}.{shard}", MessageEdited, (edited) => shardOfKey(conversationKey(edited))),
    deleted: subject("message.deleted.{platform}.{account}.{shard}", MessageDeleted, (deleted) => shardOfKey(conversationKey(deleted))),
    reacted: subject("message.reacted.{platform}.{account}.{shard}", MessageReacted, (reacted) => shardOfKey(conversationKey(reacted))),
    /** What people did with what can be pressed; on the shard of where it stands. */
    pressed: subject("message.pressed.{platform}.{account}.{shard}", MessagePressed, (pressed) => shardOfKey(conversationKey(pressed))),
    submitted: subject("message.submitted.{platform}.{account}.{shard}", MessageSubmitted, (submitted) =>
      shardOfKey(conversationKey(submitted)),
    ),
    /** What is to be said, for the one gateway that holds the account. */
    send: subject("message.send.{platform}.{account}", Send),
  },
  trigger: {
    /** Something happened that rules may wait for. Stored before whoever said so is told that we have it. */
    fired: subject("trigger.fired.{shard}", TriggerFired, ({ event }) => shardOfRun(event) ?? shardOfKey(event)),
  },
  run: {
    /** Asks that come from no chat: CLI, API, rules, and from one shard to another. */
    asked: subject("run.asked.{shard}", RunAsked, bornIn),
    /** The run's log: appended by compare-and-set, and the only place where a run stands. */
    changed: subject("run.changed.{shard}.{run}", RunRecord, bornIn),
    /** Live output, piece by piece. */
    output: subject("run.output.{run}", OutputChunk),
  },
  action: {
    requested: subject("action.requested.{pool}", ActionRequested),
    finished: subject("action.finished.{shard}", ActionFinished, bornIn),
  },
  /** Stop what you do for this run. Core NATS: told, not stored. */
  control: subject("control.{run}", Control),
} as const;

export const shards: readonly number[] = Array.from({ length: shardCount }, (_, shard) => shard);
