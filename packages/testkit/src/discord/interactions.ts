import { randomUUID } from "node:crypto";
import { fieldsOf, isFields } from "@bellhop/contracts";
import { intents, type DiscordEvent } from "./events.ts";
import { bodyOf, refusals, type Route } from "./route.ts";
import { channelShape, memberShape, messageShape, userShape, type Shape } from "./shapes.ts";
import { nextId, type Channel, type OpenInteraction, type StoredMessage, type World } from "./state.ts";

/** …/docs/interactions/receiving-and-responding: "Interaction tokens are valid for 15 minutes", "initial response … within 3 seconds". */
const TOKEN_MS = 900_000;

const [MESSAGE, ACKNOWLEDGE, MODAL] = [4, 6, 9] as const;
const EPHEMERAL = 1 << 6;

/** Without any intent. */
const always = Object.values(intents).reduce((all, one) => all | one, 0);

/** A person presses what is so called, or picks it; the event that tells of it, and the interaction. */
export function pressing(
  world: World,
  at: { channel: Channel; message: StoredMessage; user: string; label: string },
): { event: DiscordEvent; interaction: OpenInteraction } {
  const { channel, message, user, label } = at;
  const found = message.components.flatMap(componentsIn).flatMap((component) => pressed(component, label))[0];
  if (found === undefined) throw new Error(`The fake Discord has nothing to press called ${label} below ${message.id}`);
  return begun(world, { channel, message, user, type: 3, data: found });
}

/** A person sends the modal that they have before them. @param at.values by the labels of the fields */
export function submitting(world: World, at: { user: string; values: Readonly<Record<string, string>> }): ReturnType<typeof pressing> {
  const { user, values } = at;
  const open = world.modals.get(user);
  if (open === undefined) throw new Error(`${user} has no modal before them`);
  const { modal, channel, message } = open;
  const components = labelsIn(modal).map(({ label, component }) => ({
    type: 18,
    id: 1,
    component: filledIn(component, { label, given: values[label] }),
  }));
  return begun(world, { channel, message, user, type: 5, data: { custom_id: modal["custom_id"], components } });
}

/** What a modal asks for. */
export function labelsIn(modal: Shape): { label: string; component: Shape }[] {
  const components = Array.isArray(modal["components"]) ? modal["components"].filter(isFields) : [];
  return components.flatMap(({ type, label, component }) =>
    type === 18 && typeof label === "string" && isFields(component) ? [{ label, component }] : [],
  );
}

/** What may be pressed below a message, refused where …/docs/components/reference refuses it: rows of five buttons or one select, five of them; 80 and 100 characters. */
export function componentsOf(value: unknown): Shape[] {
  if (value === undefined || value === null) return [];
  const rows = Array.isArray(value) ? value.filter(isFields) : [];
  const all = rows.flatMap(componentsIn);
  const ids = all.map(({ custom_id }) => custom_id);
  const fits = all.every(({ type, custom_id, label, options }) => {
    const some = Array.isArray(options) ? options.filter(isFields) : [];
    const named = typeof custom_id === "string" && custom_id !== "" && custom_id.length <= 100;
    const said = type === 2 ? typeof label === "string" && label !== "" && label.length <= 80 : some.length >= 1 && some.length <= 25;
    return named && said && some.every((one) => typeof one.value === "string" && one.value.length <= 100);
  });
  const rowsFit = rows.every(
    (row) =>
      row.type === 1 &&
      (componentsIn(row).length <= 1 || (componentsIn(row).length <= 5 && componentsIn(row).every(({ type }) => type === 2))),
  );
  if (rows.length > 5) throw refusals.form("components", "BASE_TYPE_BAD_LENGTH", "Must be between 0 and 5 in length.");
  if (!fits || !rowsFit) throw refusals.form("components", "COMPONENT_VALIDATION_FAILED", "Component validation failed");
  if (new Set(ids).size < ids.length)
    throw refusals.form("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated");
  return rows;
}

const callback: Route = {
  run: ({ world, pressMs, changed }, call) => {
    const [id, token] = call.ids;
    const interaction = [...world.interactions.values()].find((one) => one.id === id && one.token === token);
    if (interaction === undefined || world.now() - interaction.at > pressMs) throw refusals.unknownInteraction();
    if (interaction.answered) throw refusals.alreadyAcknowledged();
    const { type, data } = bodyOf(call);
    const { user, channel, message } = interaction;
    if (type === MODAL) {
      if (interaction.type === 5) throw refusals.form("type", "BASE_TYPE_CHOICES", "A modal can't answer a modal.");
      world.modals.set(user, { modal: modalOf(data), channel, message });
    } else if (type === MESSAGE) whisper(world, interaction, data);
    else if (type !== ACKNOWLEDGE) throw refusals.form("type", "BASE_TYPE_CHOICES", "Value must be one of {1, 4, 5, 6, 7, 8, 9, 10, 12}.");
    if (interaction.type === 5) world.modals.delete(user);
    interaction.answered = true;
    interaction.settle(true);
    changed();
    return { status: 204 };
  },
};

/** What follows the first answer. */
const followUp: Route = {
  run: ({ world, changed }, call) => {
    const interaction = world.interactions.get(call.ids[1] ?? "");
    if (interaction === undefined || call.ids[0] !== world.bot.applicationId) throw refusals.unknownWebhook();
    if (world.now() - interaction.at > TOKEN_MS) throw refusals.invalidWebhookToken();
    if (!interaction.answered) throw refusals.unknownWebhook();
    const id = whisper(world, interaction, bodyOf(call));
    changed();
    return { status: 200, body: { id, channel_id: interaction.channel.id, type: 20, content: bodyOf(call)["content"] } };
  },
};

export const interactionRoutes: Readonly<Record<string, Route>> = {
  "POST /interactions/:id/:token/callback": callback,
  "POST /webhooks/:id/:token": followUp,
};

function whisper(world: World, { user: only, channel }: OpenInteraction, data: unknown): string {
  const { content, flags } = fieldsOf(data);
  if (typeof content !== "string" || content.trim() === "") throw refusals.empty();
  if (typeof flags !== "number" || (flags & EPHEMERAL) === 0)
    throw new Error("The fake Discord knows answers to interactions for one person alone only");
  const id = nextId(world);
  world.ephemerals.push({ id, channel: channel.id, only, content: content.trim() });
  return id;
}

/** …/docs/interactions/receiving-and-responding#interaction-response-object-modal */
function modalOf(data: unknown): Shape {
  const modal = fieldsOf(data);
  const { custom_id, title } = modal;
  if (typeof custom_id !== "string" || custom_id.length > 100)
    throw refusals.form("data.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.");
  if (typeof title !== "string" || title === "" || title.length > 45)
    throw refusals.form("data.title", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.");
  const labels = labelsIn(modal);
  if (labels.length < 1 || labels.length > 5)
    throw refusals.form("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
  if (labels.some(({ label }) => label.length > 45))
    throw refusals.form("data.components", "BASE_TYPE_MAX_LENGTH", "Must be 45 or fewer in length.");
  return modal;
}

function begun(
  world: World,
  at: { channel: Channel; message: StoredMessage; user: string; type: 3 | 5; data: Shape },
): ReturnType<typeof pressing> {
  const { channel, message, user, type, data } = at;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const interaction: OpenInteraction = {
    id: nextId(world),
    token: `interaction-${randomUUID()}`,
    type,
    user,
    channel,
    message,
    at: world.now(),
    answered: false,
    taken: promise,
    settle: resolve,
  };
  world.interactions.set(interaction.token, interaction);
  const person = world.users.get(user);
  const who = person ? userShape(person) : { id: user };
  const direct = channel.kind === "dm";
  const d = {
    id: interaction.id,
    application_id: world.bot.applicationId,
    type,
    token: interaction.token,
    version: 1,
    channel_id: channel.id,
    channel: channelShape(world, channel),
    ...(direct ? { user: who } : { guild_id: world.guild.id, member: { ...memberShape(), user: who, permissions: "0" } }),
    message: messageShape(world, channel, message),
    data,
    locale: "en-US",
    entitlements: [],
    authorizing_integration_owners: {},
    attachment_size_limit: 10_485_760,
  };
  return { event: { t: "INTERACTION_CREATE", d, intent: always }, interaction };
}

function componentsIn(row: Shape): Shape[] {
  return Array.isArray(row["components"]) ? row["components"].filter(isFields) : [];
}

function pressed({ type, custom_id, label: written, options }: Shape, label: string): Shape[] {
  if (type === 2) return written === label ? [{ component_type: type, custom_id }] : [];
  const option = (Array.isArray(options) ? options.filter(isFields) : []).find((one) => one.label === label);
  return option === undefined ? [] : [{ component_type: type, custom_id, values: [option.value] }];
}

function filledIn({ type, custom_id, required, options }: Shape, { label, given }: { label: string; given: string | undefined }): Shape {
  if (given === undefined && required === true) throw new Error(`Discord asks for ${label} before it sends the modal`);
  if (type !== 3) return { type, custom_id, value: given ?? "" };
  const option = (Array.isArray(options) ? options.filter(isFields) : []).find((one) => one.label === given);
  return { type, custom_id, values: option === undefined ? [] : [option.value] };
}
