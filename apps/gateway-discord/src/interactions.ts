import {
  messageKey,
  toProblem,
  type Address,
  type Conversation,
  type MessagePressed,
  type MessageSubmitted,
  type Person,
} from "@bellhop/contracts";
import { formWithin, formWords, readChoiceName, type Inbox } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import { modalOf, opensForm } from "./pressable.ts";
import { Routes, type REST } from "./sdk.ts";
import { Snowflake, sentAt } from "./snowflake.ts";

export interface InteractionsOptions {
  account: string;
  rest: () => REST;
  log: Log;
}

/** The way to say something to one person alone, for as long as Discord leaves it open after they pressed something. */
export interface WayBack {
  readonly application: string;
  readonly token: string;
}

/** What people did with what can be pressed. Discord waits three seconds for an answer to it. */
export interface Interactions {
  /** A press is stored, then acknowledged; a button of a form opens it. Nothing is thrown: who pressed sees that it failed, and presses again. */
  take(interaction: unknown, inbox: Pick<Inbox, "receive" | "form">): Promise<void>;
  wayBack(to: Address, person: string): WayBack | undefined;
}

export function createInteractions({ account, rest, log }: InteractionsOptions): Interactions {
  /** By channel and person, the latest. */
  const ways = new Map<string, WayBack & { until: number }>();

  return {
    async take(payload, inbox) {
      const { data: interaction } = Interaction.safeParse(payload);
      const acted = interaction && toActed(interaction, account);
      if (interaction === undefined || acted === undefined) return;
      const { id, token, application_id: application } = interaction;
      try {
        if (acted.kind === "opens") return await answer(interaction, await opening(acted, inbox));
        await inbox.receive(acted);
        await answer(interaction, { type: acknowledged });
        remember(`${interaction.channel_id} ${personIn(interaction).id}`, { application, token });
      } catch (error) {
        log.warn({ interaction: id, why: toProblem(error).message }, "a press was not taken");
      }
    },
    wayBack({ channel }, person) {
      const way = ways.get(`${channel} ${person}`);
      return way !== undefined && way.until > performance.now() ? way : undefined;
    },
  };

  async function answer({ id, token }: Interaction, body: object): Promise<void> {
    await rest().post(Routes.interactionCallback(id, token), { body, auth: false });
  }

  function remember(name: string, way: WayBack): void {
    ways.delete(name);
    ways.set(name, { ...way, until: performance.now() + wayBackMs });
    const [oldest] = ways.size > mostWays ? ways.keys() : [];
    if (oldest !== undefined) ways.delete(oldest);
  }
}

/** What there is to store of an interaction. The same one given again gives the same key; undefined where it is nothing of ours. */
export type Acted =
  | { readonly kind: "pressed"; readonly pressed: MessagePressed }
  | { readonly kind: "submitted"; readonly submitted: MessageSubmitted }
  | { readonly kind: "opens"; readonly press: string; readonly name: string };

export function toActed(interaction: Interaction, account: string): Acted | undefined {
  const { id, channel_id: channel, guild_id: space, message } = interaction;
  const name = interaction.data.custom_id;
  if (interaction.type === componentType && name.startsWith(opensForm)) {
    const named = readChoiceName(name.slice(opensForm.length));
    return named && { kind: "opens", press: named.press, name: name.slice(opensForm.length) };
  }
  const named = readChoiceName(name);
  if (named === undefined || message === undefined) return undefined;
  const conversation: Conversation = { space, channel, kind: space === undefined ? "direct" : "room" };
  const { id: who, username } = personIn(interaction);
  const by: Person = { platform, id: who, name: username, kind: "human" };
  const about = {
    v: 1,
    key: `${messageKey({ platform, account, conversation, id: message.id })}/p${id}`,
    platform,
    account,
    conversation,
    by,
    ...named,
    replyTo: { platform, account, space, channel, message: message.id },
    at: sentAt(id),
  } as const;
  if (interaction.type === modalType) return { kind: "submitted", submitted: { ...about, fields: fieldsIn(interaction.data.components) } };
  const { values } = interaction.data;
  if (values === undefined) return { kind: "pressed", pressed: { ...about, via: "button" } };
  const [value] = values;
  return value === undefined ? undefined : { kind: "pressed", pressed: { ...about, value, via: "select" } };
}

/** The form, or why it does not open: seen by who pressed alone. */
async function opening({ press, name }: Extract<Acted, { kind: "opens" }>, inbox: Pick<Inbox, "form">): Promise<object> {
  const asked = await formWithin(openWithinMs, inbox.form(press));
  if (asked.kind === "late") return told(formWords.late);
  if (asked.form === undefined) return told(formWords.gone);
  const modal = modalOf(asked.form, name);
  return modal === undefined
    ? told("This form has more fields than Discord shows. Type the answer: the message says how.")
    : { type: opened, data: modal };
}

function told(content: string): object {
  return { type: said, data: { content, flags: forOneAlone, allowed_mentions: { parse: [] } } };
}

/** …/docs/interactions/receiving-and-responding: types of interactions, and of answers to them. */
const [componentType, modalType] = [3, 5] as const;
const [said, acknowledged, opened] = [4, 6, 9] as const;
const forOneAlone = 1 << 6;
/** Of the three seconds. */
const openWithinMs = 2_000;
/** "Interaction tokens are valid for 15 minutes": less, to be sure. */
const wayBackMs = 840_000;
const mostWays = 10_000;

const platform = "discord";

function personIn({ member, user }: Interaction): { id: string; username?: string } {
  const person = member?.user ?? user;
  if (person === undefined) throw new Error("an interaction names who acted");
  return person;
}

function fieldsIn(components: z.infer<typeof Filled>[] = []): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { component } of components) {
    const text = component?.values?.[0] ?? component?.value;
    if (component !== undefined && text) fields[component.custom_id] = text;
  }
  return fields;
}

const Filled = z.object({
  component: z.object({ custom_id: z.string(), value: z.string().optional(), values: z.array(z.string()).optional() }).optional(),
});
const Who = z.object({ id: Snowflake, username: z.string().optional() });
export const Interaction = z
  .object({
    id: Snowflake,
    application_id: Snowflake,
    type: z.union([z.literal(componentType), z.literal(modalType)]),
    token: z.string(),
    channel_id: Snowflake,
    guild_id: Snowflake.optional(),
    member: z.object({ user: Who }).optional(),
    user: Who.optional(),
    message: z.object({ id: Snowflake }).optional(),
    data: z.object({ custom_id: z.string(), values: z.array(z.string()).optional(), components: z.array(Filled).optional() }),
  })
  .refine(({ member, user }) => (member?.user ?? user) !== undefined);
export type Interaction = z.infer<typeof Interaction>;
