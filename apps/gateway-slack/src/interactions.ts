import { messageKey, type Address, type Conversation, type MessagePressed, type MessageSubmitted, type Person } from "@bellhop/contracts";
import { formWithin, formWords, readChoiceName, type Inbox } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import { failureOf } from "./failure.ts";
import { modalOf, opensForm } from "./pressable.ts";
import type { Self } from "./receive.ts";
import type { WebClient } from "./sdk.ts";

export interface InteractionsOptions {
  client: WebClient;
  self: Pick<Self, "account" | "team">;
  inbox: Pick<Inbox, "receive" | "form">;
  log: Log;
}

/** What somebody did with what can be pressed. */
export type Acted =
  | { readonly kind: "pressed"; readonly pressed: MessagePressed }
  | { readonly kind: "submitted"; readonly submitted: MessageSubmitted }
  /** `trigger` is good for three seconds. */
  | {
      readonly kind: "opens";
      readonly trigger: string;
      readonly by: Person;
      readonly place: Place;
      readonly press: string;
      readonly choice: number;
    };

/** The message whose choices they are. */
export interface Place {
  readonly channel: string;
  readonly message: string;
  readonly thread?: string;
}

/** Takes what the `interactive` envelopes tell: a press is stored, a button of a form opens it. Resolves once Slack may be told that we have it. */
export function createInteractions({ client, self, inbox, log }: InteractionsOptions): (body: unknown) => Promise<void> {
  return async function take(body) {
    const acted = toActed(body, self);
    if (acted === undefined) return;
    if (acted.kind !== "opens") return inbox.receive(acted);
    const asked = await formWithin(openWithinMs, inbox.form(acted.press));
    if (asked.kind === "late") return tell(acted, formWords.late);
    if (asked.form === undefined) return tell(acted, formWords.gone);
    const { press, choice, place, trigger: trigger_id } = acted;
    try {
      await client.views.open({ trigger_id, view: modalOf(asked.form, JSON.stringify({ press, choice, place })) });
    } catch (error) {
      const { why } = failureOf(error);
      log.warn({ why, press }, "a form could not be opened");
      await tell(acted, formWords.late);
    }
  };

  /** Whoever pressed is told once; nobody waits for it. */
  async function tell({ place, by: { id: user } }: Extract<Acted, { kind: "opens" }>, text: string): Promise<void> {
    const { channel, thread: thread_ts } = place;
    await client.chat
      .postEphemeral({ channel, user, text, ...(thread_ts === undefined ? {} : { thread_ts }) })
      .catch((error: unknown) => log.warn({ why: failureOf(error).why }, "nobody was told that a form does not open"));
  }
}

/** Undefined where it is nothing of ours. The same envelope given again gives the same key. */
export function toActed(body: unknown, self: Pick<Self, "account" | "team">): Acted | undefined {
  const { data } = Interaction.safeParse(body);
  if (data === undefined) return undefined;
  const by: Person = { platform, space: data.user.team_id ?? data.team?.id ?? self.team, id: data.user.id, kind: "human" };
  return data.type === "block_actions" ? toPressed(data, by, self) : toSubmitted(data, by, self);
}

/** Of the three seconds. */
const openWithinMs = 2_000;

const platform = "slack";

function toPressed(
  { actions, container, message, trigger_id }: Actions,
  by: Person,
  self: Pick<Self, "account" | "team">,
): Acted | undefined {
  const [action] = actions;
  const named = action && readChoiceName(action.action_id);
  if (action === undefined || named === undefined) return undefined;
  const thread = container.thread_ts ?? message?.thread_ts;
  const place: Place = { channel: container.channel_id, message: container.message_ts, ...(thread === undefined ? {} : { thread }) };
  const value = action.selected_option?.value;
  if (action.type === "static_select" && value === undefined) return undefined;
  if (action.value === opensForm) return { kind: "opens", trigger: trigger_id, by, place, ...named };
  const about = acted({ place, by, at: action.action_ts, self });
  const pressed: MessagePressed = {
    ...about,
    ...named,
    ...(value === undefined ? {} : { value }),
    via: value === undefined ? "button" : "select",
  };
  return { kind: "pressed", pressed };
}

function toSubmitted({ view }: Submission, by: Person, self: Pick<Self, "account" | "team">): Acted | undefined {
  const { data } = About.safeParse(parsed(view.private_metadata));
  if (data === undefined) return undefined;
  const { place, press, choice } = data;
  const fields: Record<string, string> = {};
  for (const [name, { value }] of Object.entries(view.state.values)) {
    const text = value?.selected_option?.value ?? value?.value;
    if (text) fields[name] = text;
  }
  return { kind: "submitted", submitted: { ...acted({ place, by, at: view.id, self }), press, choice, fields } };
}

/** @param at.at names the deed: the moment of the press, or the form that was open */
function acted({ place, by, at, self }: { place: Place; by: Person; at: string; self: Pick<Self, "account" | "team"> }) {
  const { account, team: space } = self;
  const { channel, message: id, thread } = place;
  const conversation: Conversation = { space, channel, thread, kind: channel.startsWith("D") ? "direct" : "room" };
  const replyTo: Address = { platform, account, space, channel, ...(thread === undefined ? {} : { thread }), message: id };
  const key = `${messageKey({ platform, account, conversation, id })}/p${[at, by.id].map(encodeURIComponent).join("/")}`;
  const when = /^\d+\.\d+$/.test(at) ? new Date(Number(at) * 1000) : new Date();
  return { v: 1, key, platform, account, conversation, by, replyTo, at: when.toISOString() } as const;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const About = z.object({
  press: z.string(),
  choice: z.int(),
  place: z.object({ channel: z.string(), message: z.string(), thread: z.string().optional() }),
});

/** docs.slack.dev/reference/interaction-payloads, as far as it is read here. */
const Who = { user: z.object({ id: z.string(), team_id: z.string().optional() }), team: z.object({ id: z.string() }).nullish() };
const Picked = z.object({ value: z.string().nullish(), selected_option: z.object({ value: z.string() }).nullish() });
const Actions = z.object({
  ...Who,
  type: z.literal("block_actions"),
  trigger_id: z.string(),
  container: z.object({ type: z.literal("message"), channel_id: z.string(), message_ts: z.string(), thread_ts: z.string().optional() }),
  message: z.object({ thread_ts: z.string().optional() }).optional(),
  actions: z.array(Picked.extend({ type: z.string(), action_id: z.string(), action_ts: z.string() })),
});
type Actions = z.infer<typeof Actions>;
const Submission = z.object({
  ...Who,
  type: z.literal("view_submission"),
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.object({ value: Picked.optional() })) }),
  }),
});
type Submission = z.infer<typeof Submission>;
const Interaction = z.discriminatedUnion("type", [Actions, Submission]);
