import type { types } from "@slack/bolt";
import { afterEach, beforeEach, expect, it } from "vitest";
import { boltApp } from "./bolt-app.ts";
import { startFakeSlack, type FakeSlack } from "./fake-slack.ts";

let slack: FakeSlack;
let app: ReturnType<typeof boltApp>;
let clock = 1_700_000_000_000;
const view: types.ModalView = { type: "modal", title: { type: "plain_text", text: "Why?" }, blocks: [] };
const button = (id: string, label: string) => ({ type: "button", action_id: id, text: { type: "plain_text", text: label } }) as const;

beforeEach(async () => {
  slack = await startFakeSlack({ now: () => clock, pressTimeoutMs: 20_000 });
  app = boltApp(slack);
});
afterEach(async () => {
  await app.stop();
  await slack.close();
});

it("tells of a press, and shows the modal that is opened with its trigger, once and within three seconds", async () => {
  const ana = slack.createUser("ana");
  const channel = slack.createChannel("ops");
  const refused: unknown[] = [];
  app.action("a", async ({ ack, body, client }) => {
    const trigger_id = "trigger_id" in body ? String(body.trigger_id) : "";
    const open = (id: string) =>
      client.views.open({ trigger_id: id, view }).catch((error: { data: { error: string } }) => refused.push(error.data.error));
    await open("no such trigger");
    await open(trigger_id);
    await open(trigger_id);
    clock += 3_001;
    await ack();
  });
  app.action("late", async ({ ack, body, client }) => {
    clock += 3_001;
    const trigger_id = "trigger_id" in body ? String(body.trigger_id) : "";
    await client.views.open({ trigger_id, view }).catch((error: { data: { error: string } }) => refused.push(error.data.error));
    await ack();
  });
  await app.start();
  const elements = [button("a", "Open"), button("late", "Too late")];
  const { ts = "" } = await app.client.chat.postMessage({ channel, text: "?", blocks: [{ type: "actions", elements }] });
  expect(await slack.press({ channel, ts, user: ana, label: "Open" })).toBe(true);
  expect(slack.modal(ana)).toEqual({ title: "Why?", fields: [] });
  await slack.press({ channel, ts, user: ana, label: "Too late" });
  expect(refused).toEqual(["invalid_trigger_id", "exchanged_trigger_id", "expired_trigger_id"]);
  await expect(slack.press({ channel, ts, user: ana, label: "Nowhere" })).rejects.toThrow("nothing to press");
});

it.each([
  ["nothing", []],
  ["two of one name", [button("a", "One"), button("a", "Two")]],
  ["a label that is too long", [button("a", "x".repeat(76))]],
  ["more than 25", Array.from({ length: 26 }, (_, at) => button(`a${at}`, "x"))],
])("takes no row of %s", async (_, elements) => {
  const channel = slack.createChannel("ops");
  await expect(app.client.chat.postMessage({ channel, text: "?", blocks: [{ type: "actions", elements }] })).rejects.toThrow(
    "invalid_blocks",
  );
});
