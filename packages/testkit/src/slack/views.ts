import { isFields } from "@bellhop/contracts";
import { parseJson } from "./call.ts";
import { Refusal, type Method } from "./method.ts";
import { nextId, type Modal, type Workspace } from "./state.ts";

const LONGEST_TITLE = 24;
const MOST_BLOCKS = 100;
const LONGEST_METADATA = 3_000;
/** docs.slack.dev/surfaces/modals: "trigger_ids expire in three seconds". */
const TRIGGER_MS = 3_000;

const open: Method = {
  required: ["trigger_id", "view"],
  run: ({ workspace, changed }, args) => {
    const user = exchanged(workspace, args.trigger_id ?? "");
    const view = viewOf(args.view ?? "");
    const modal: Modal = { ...view, id: nextId(workspace, "V") };
    workspace.modals.set(user, modal);
    changed();
    return { view: { ...modal, team_id: workspace.team.id, bot_id: workspace.bot.botId, state: { values: {} } } };
  },
};

export const viewMethods: Readonly<Record<string, Method>> = { "views.open": open };

/** views.open: each trigger is good for one view, and for three seconds. */
function exchanged({ triggers, now }: Workspace, id: string): string {
  const trigger = triggers.get(id);
  if (!trigger) throw new Refusal("invalid_trigger_id"); // views.open: "The trigger_id is invalid."
  if (trigger.exchanged) throw new Refusal("exchanged_trigger_id"); // views.open: "The trigger_id was already exchanged in a previous call."
  if (now() - trigger.at > TRIGGER_MS) throw new Refusal("expired_trigger_id"); // views.open: "The trigger_id is expired."
  trigger.exchanged = true;
  return trigger.user;
}

/** docs.slack.dev/reference/views/modal-views: its fields and their lengths. */
function viewOf(text: string): Omit<Modal, "id"> {
  const view = parseJson(text);
  if (!isFields(view) || view.type !== "modal" || !isFields(view.title) || !Array.isArray(view.blocks)) {
    throw new Refusal("invalid_arguments", "must be a modal with a title and blocks");
  }
  const title = typeof view.title.text === "string" ? view.title.text : "";
  const { callback_id: callbackId = "", private_metadata: metadata = "" } = view as Record<string, string | undefined>;
  if (title === "" || title.length > LONGEST_TITLE) throw new Refusal("invalid_arguments", "title must be between 1 and 24 characters");
  if (view.blocks.length > MOST_BLOCKS)
    throw new Refusal("invalid_arguments", "no more than 100 items allowed [json-pointer:/view/blocks]");
  if (metadata.length > LONGEST_METADATA) throw new Refusal("invalid_arguments", "private_metadata must be less than 3001 characters");
  const blocks = view.blocks.filter(isFields);
  if (blocks.some(({ type }) => type === "input") && !isFields(view.submit)) {
    throw new Refusal("invalid_arguments", "submit is required when an input block is within the blocks array");
  }
  return { title, callback_id: callbackId, private_metadata: metadata, blocks };
}
