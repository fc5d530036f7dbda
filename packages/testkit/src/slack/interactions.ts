import { randomUUID } from "node:crypto";
import { isFields } from "@bellhop/contracts";
import type { RoomMessage } from "./room.ts";
import { nextSerial, type Modal, type Workspace } from "./state.ts";

/** What a person does with a button, a select or a modal, as docs.slack.dev/reference/interaction-payloads shows it. Not verified: which fields of a
 *  message an ephemeral one has in `container` (here the same), and that an envelope that is not acknowledged is not sent again. */

/** @param at.label of the button, or of the option that is picked */
export function blockActions(workspace: Workspace, at: { message: RoomMessage; user: string; label: string }): Record<string, unknown> {
  const { message, user, label } = at;
  const found = elementsOf(message.blocks ?? []).flatMap((element) => pressed(element, label));
  const [action] = found;
  if (action === undefined) throw new Error(`The fake Slack has nothing to press called ${label} below ${JSON.stringify(message)}`);
  const now = workspace.now();
  const trigger = randomUUID();
  workspace.triggers.set(trigger, { user, at: now, exchanged: false });
  const { channel, ts, thread_ts, text, only } = message;
  const action_ts = `${Math.floor(now / 1_000)}.${String(nextSerial(workspace)).padStart(6, "0")}`;
  return {
    ...about(workspace, user),
    type: "block_actions",
    trigger_id: trigger,
    container: { type: "message", message_ts: ts, channel_id: channel, is_ephemeral: only !== undefined, ...(thread_ts && { thread_ts }) },
    channel: { id: channel, name: workspace.channels.get(channel)?.name ?? "" },
    message: { type: "message", user: message.user, ts, text, blocks: message.blocks, ...(thread_ts && { thread_ts }) },
    response_url: "https://hooks.slack.example/actions/none",
    actions: [{ ...action, action_ts }],
  };
}

/** @param at.values what is written or picked, by the labels of the fields */
export function viewSubmission(
  workspace: Workspace,
  { modal, user, values }: { modal: Modal; user: string; values: Readonly<Record<string, string>> },
): Record<string, unknown> {
  const state = Object.fromEntries(
    modal.blocks.filter(({ type }) => type === "input").map((block) => [String(block.block_id), filledIn(block, values)]),
  );
  const { id, title, callback_id, private_metadata } = modal;
  const view = { id, type: "modal", title: { type: "plain_text", text: title }, callback_id, private_metadata, state: { values: state } };
  return { ...about(workspace, user), type: "view_submission", view };
}

function about({ team, bot, users }: Workspace, user: string): Record<string, unknown> {
  const name = users.get(user)?.name ?? "";
  const who = { id: user, username: name, name, team_id: team.id };
  return {
    team: { id: team.id, domain: team.name },
    user: who,
    api_app_id: bot.appId,
    token: "fake-verification-token",
    is_enterprise_install: false,
  };
}

function elementsOf(blocks: readonly unknown[]): Record<string, unknown>[] {
  return blocks
    .filter(isFields)
    .flatMap(({ type, elements }) => (type === "actions" && Array.isArray(elements) ? elements.filter(isFields) : []));
}

function pressed(element: Record<string, unknown>, label: string): Record<string, unknown>[] {
  const { type, action_id, value } = element;
  if (type === "button") return textOf(element.text) === label ? [{ type, action_id, ...(value !== undefined && { value }) }] : [];
  const option = optionsOf(element).find((one) => textOf(one.text) === label);
  return option === undefined ? [] : [{ type, action_id, selected_option: option }];
}

function filledIn(block: Record<string, unknown>, values: Readonly<Record<string, string>>): Record<string, unknown> {
  const label = textOf(block.label) ?? "";
  const element = isFields(block.element) ? block.element : {};
  const given = values[label];
  if (given === undefined && block.optional !== true) throw new Error(`Slack asks for ${label} before it sends the modal`);
  const option = optionsOf(element).find((one) => textOf(one.text) === given);
  const content = element.type === "static_select" ? { selected_option: option ?? null } : { value: given ?? null };
  return { [String(element.action_id)]: { type: element.type, ...content } };
}

function optionsOf({ options }: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(options) ? options.filter(isFields) : [];
}

function textOf(text: unknown): string | undefined {
  return isFields(text) && typeof text.text === "string" ? text.text : undefined;
}
