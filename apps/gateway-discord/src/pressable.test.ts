import type { Choices, Form } from "@bellhop/contracts";
import { expect, it } from "vitest";
import { Interaction, toActed } from "./interactions.ts";
import { componentsOf, modalOf } from "./pressable.ts";

const press = "7F3K-0123456789";
const button = (label: string) => ({ kind: "button", label, words: "x" }) as const;
const select: Choices["items"][number] = { kind: "select", label: "Where?", options: [{ label: "EU", value: "eu" }], words: "x" };
const rowsOf = (...items: Choices["items"]) =>
  componentsOf({ press, items }).map(({ components }) =>
    (components as { type: number; custom_id: string }[]).map(({ type, custom_id }) => [type, custom_id]),
  );

it("puts five buttons to a row, and each select in one of its own", () => {
  const rows = rowsOf(...Array.from({ length: 6 }, () => button("x")), select, button("y"));
  expect(rows.map((row) => row.map(([type]) => type))).toEqual([[2, 2, 2, 2, 2], [2], [3], [2]]);
  expect(rows[2]).toEqual([[3, `press/${press}/6`]]);
});

it("cuts what Discord would not take", () => {
  const [row] = componentsOf({ press, items: [button("x".repeat(90))] });
  expect(row).toMatchObject({ components: [{ label: `${"x".repeat(79)}…` }] });
});

it("shows a form of five fields, and no longer one", () => {
  const field = (name: string) => ({ name, label: name, required: true });
  const form = (count: number): Form => ({ title: "x".repeat(50), fields: Array.from({ length: count }, (_, at) => field(`f${at}`)) });
  const modal = modalOf(form(5), "name");
  expect(modal).toMatchObject({
    custom_id: "name",
    components: [{ type: 18, component: { type: 4, custom_id: "f0", required: true } }, {}, {}, {}, {}],
  });
  expect(modal?.["title"]).toHaveLength(45);
  expect(modalOf(form(6), "name")).toBeUndefined();
});

it("has what it can't list written", () => {
  const options = Array.from({ length: 26 }, (_, at) => ({ label: `${at}`, value: `${at}` }));
  const modal = (count: number) =>
    modalOf({ title: "x", fields: [{ name: "a", label: "a", required: true, options: options.slice(0, count) }] }, "name");
  expect(modal(25)).toMatchObject({ components: [{ component: { type: 3 } }] });
  expect(modal(26)).toMatchObject({ components: [{ component: { type: 4 } }] });
});

const interaction = {
  id: "1441337337446400009",
  application_id: "1179012345678901234",
  type: 3,
  token: "t",
  channel_id: "290926798999357250",
  guild_id: "613425648685547541",
  member: { user: { id: "80351110224678912", username: "ana" } },
  message: { id: "1441337337446400001" },
  data: { custom_id: `press/${press}/1` },
};
const acted = (more: object) => toActed(Interaction.parse({ ...interaction, ...more }), "1179012345678901234");

it("knows presses, picks, forms to open and forms that were filled in", () => {
  expect(acted({})).toMatchObject({
    kind: "pressed",
    pressed: { press, choice: 1, via: "button", by: { id: "80351110224678912", name: "ana" } },
  });
  expect(acted({ data: { ...interaction.data, values: ["eu"] } })).toMatchObject({ pressed: { value: "eu", via: "select" } });
  expect(acted({ data: { custom_id: `form:press/${press}/0` } })).toEqual({ kind: "opens", press, name: `press/${press}/0` });
  const components = [
    { type: 18, component: { type: 4, custom_id: "why", value: "so" } },
    { type: 18, component: { type: 3, custom_id: "size", values: [] } },
  ];
  expect(acted({ type: 5, data: { custom_id: `press/${press}/0`, components } })).toMatchObject({
    kind: "submitted",
    submitted: { fields: { why: "so" } },
  });
  expect(acted({ data: { custom_id: "somebody else's" } })).toBeUndefined();
});

it("names a press by Discord's own id of it, and a direct one has no server", () => {
  const direct = acted({ guild_id: undefined, member: undefined, user: { id: "80351110224678912" } });
  expect(direct).toMatchObject({ pressed: { conversation: { kind: "direct" }, key: expect.stringMatching(/\/p1441337337446400009$/) } });
  expect(acted({})?.kind === "pressed" && acted({})).toEqual(acted({}));
});
