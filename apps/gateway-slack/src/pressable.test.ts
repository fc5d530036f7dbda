import type { Choices, Form } from "@bellhop/contracts";
import { expect, it } from "vitest";
import { actionBlocks, modalOf } from "./pressable.ts";
import { toActed } from "./interactions.ts";
import { write } from "./write.ts";

const press = "7F3K-0123456789";
const button = (label: string) => ({ kind: "button", label, words: "x" }) as const;
const of = (...items: Choices["items"]): Choices => ({ press, items });

it("shows buttons and selects by names that say which choice of what they are", () => {
  const options = [{ label: "EU", value: "eu" }];
  const [block] = actionBlocks(of({ ...button("Approve"), style: "primary" }, { kind: "select", label: "Where?", options, words: "x" }));
  expect(block?.elements).toEqual([
    { type: "button", action_id: `press/${press}/0`, text: { type: "plain_text", text: "Approve", emoji: false }, style: "primary" },
    {
      type: "static_select",
      action_id: `press/${press}/1`,
      placeholder: { type: "plain_text", text: "Where?", emoji: false },
      options: [{ text: { type: "plain_text", text: "EU", emoji: false }, value: "eu" }],
    },
  ]);
});

it("keeps to what Slack takes: 25 to a row, 75 characters of a label", () => {
  const blocks = actionBlocks(of(...Array.from({ length: 30 }, () => button("x".repeat(80)))));
  expect(blocks.map(({ elements }) => elements.length)).toEqual([25, 5]);
  const [first] = blocks[0]?.elements ?? [];
  expect(first?.type === "button" && first.text.text).toHaveLength(75);
});

it("stands below the last of the words, which are a section then", () => {
  const to = { platform: "slack", account: "A1", channel: "C1" };
  const body = { text: "**Ship** it?", tone: "info", choices: of(button("Approve")) } as const;
  const [piece, ...more] = write({ v: 1, key: "k", revision: 1, platform: "slack", account: "A1", to, body, final: false });
  expect(more).toEqual([]);
  expect(piece).toMatchObject({
    text: "*Ship* it?",
    blocks: [
      { type: "section", text: { text: "*Ship* it?" } },
      { type: "actions", elements: [{ action_id: `press/${press}/0` }] },
    ],
  });
});

it("asks for fields as the form has them", () => {
  const form: Form = {
    title: "A title of more than twenty-four characters",
    fields: [
      { name: "why", label: "Why", hint: "in words", required: true, value: "because" },
      { name: "size", label: "Size", required: false, options: [{ label: "small", value: "s" }], value: "s" },
    ],
  };
  const modal = modalOf(form, "about");
  expect(modal).toMatchObject({ type: "modal", private_metadata: "about", title: { text: "A title of more than tw…" } });
  expect(modal.blocks).toMatchObject([
    { block_id: "why", optional: false, hint: { text: "in words" }, element: { type: "plain_text_input", initial_value: "because" } },
    { block_id: "size", optional: true, element: { type: "static_select", initial_option: { value: "s" } } },
  ]);
});

const self = { account: "T1-U9", team: "T1" };
const actions = {
  type: "block_actions",
  user: { id: "U1", team_id: "T1" },
  team: { id: "T1" },
  trigger_id: "1.2.3",
  container: { type: "message", channel_id: "C1", message_ts: "17.5", thread_ts: "17.1" },
  actions: [{ type: "button", action_id: `press/${press}/1`, action_ts: "18.0" }],
};

it("gives the same key to a press that is delivered again, and another to the next", () => {
  const keyOf = (body: object) => {
    const acted = toActed(body, self);
    return acted?.kind === "pressed" ? acted.pressed.key : acted?.kind;
  };
  const again = keyOf(actions);
  expect(keyOf(structuredClone(actions))).toBe(again);
  expect(keyOf({ ...actions, actions: [{ ...actions.actions[0], action_ts: "19.0" }] })).not.toBe(again);
  expect(keyOf({ ...actions, user: { id: "U2" } })).not.toBe(again);
  expect(keyOf({ ...actions, actions: [{ ...actions.actions[0], action_id: "somebody else's" }] })).toBeUndefined();
  expect(keyOf({ ...actions, actions: [{ ...actions.actions[0], value: "form" }] })).toBe("opens");
  expect(keyOf({ type: "shortcut" })).toBeUndefined();
});

it("tells where it is told what came of it: in the thread of the message that was pressed", () => {
  expect(toActed(actions, self)).toMatchObject({
    pressed: { press, choice: 1, replyTo: { channel: "C1", thread: "17.1", message: "17.5" }, conversation: { space: "T1", kind: "room" } },
  });
});
