import type { Choices, Field, Form, Option } from "@bellhop/contracts";
import { choiceName } from "@bellhop/gateway";
import type { types } from "@slack/bolt";

/** Buttons and selects below a message (docs.slack.dev/reference/block-kit/blocks/actions-block: 25 elements each). */
export function actionBlocks({ press, items }: Choices): types.ActionsBlock[] {
  const elements = items.map((item, choice): types.ActionsBlockElement => {
    const action_id = choiceName(press, choice);
    if (item.kind === "select") {
      const options = item.options.slice(0, mostOptions).map(optionOf);
      return { type: "static_select", action_id, placeholder: plain(item.label, longest.placeholder), options };
    }
    const button = { type: "button", action_id, text: plain(item.label, longest.label), ...(item.style && { style: item.style }) } as const;
    return item.kind === "form" ? { ...button, value: opensForm } : button;
  });
  return inGroups(elements, 25).map((group) => ({ type: "actions", elements: group }));
}

/** The value of a button that opens a form: nothing else tells before it is opened. */
export const opensForm = "form";

/** A form as a modal. `about` comes back with what is filled in. */
export function modalOf({ title, fields }: Form, about: string): types.ModalView {
  return {
    type: "modal",
    callback_id: "press",
    private_metadata: about,
    title: plain(title, longest.title),
    submit: plain("Send", longest.title),
    close: plain("Cancel", longest.title),
    blocks: fields.slice(0, mostFields).map(inputOf),
  };
}

function inputOf(field: Field): types.InputBlock {
  const { name, label, hint, required, value } = field;
  // What Slack can't list is written.
  const options =
    field.options?.every((option) => option.value.length <= longest.value) && field.options.length <= mostOptions
      ? field.options
      : undefined;
  const chosen = options?.find((option) => option.value === value);
  return {
    type: "input",
    block_id: name,
    label: plain(label, longest.fieldLabel),
    optional: !required,
    ...(hint === undefined ? {} : { hint: plain(hint, longest.fieldLabel) }),
    element:
      options === undefined
        ? { type: "plain_text_input", action_id: "value", multiline: false, ...(value === undefined ? {} : { initial_value: value }) }
        : {
            type: "static_select",
            action_id: "value",
            options: options.map(optionOf),
            ...(chosen && { initial_option: optionOf(chosen) }),
          },
  };
}

/** As Slack's reference of block elements, options and modals has them. */
const longest = { label: 75, placeholder: 150, option: 75, value: 150, title: 24, fieldLabel: 2_000 } as const;
const mostOptions = 100;
const mostFields = 100;

function optionOf({ label, value }: Option): types.PlainTextOption {
  return { text: plain(label, longest.option), value };
}

function plain(text: string, most: number): types.PlainTextElement {
  return { type: "plain_text", text: text.length > most ? `${text.slice(0, most - 1)}…` : text, emoji: false };
}

function inGroups<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
