import { afterEach, beforeEach, expect, it } from "vitest";
import { startFakeDiscord, type FakeDiscord } from "./fake-discord.ts";

let discord: FakeDiscord;
let clock = 1_700_000_000_000;
let user: string;
let channel: string;

beforeEach(async () => {
  discord = await startFakeDiscord({ rateLimits: "off", now: () => clock });
  user = discord.createUser("ana");
  channel = discord.createChannel("ops");
});
afterEach(() => discord.close());

async function call(
  method: string,
  path: string,
  body: object,
  token = true,
): Promise<{ status: number; body: { code?: number; id?: string } }> {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bot ${discord.bot.token}` }) };
  const answer = await fetch(`${discord.apiUrl}/v10${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as { code?: number }) };
}

const row = (...components: object[]) => ({ type: 1, components });
const button = (id: string, label = id) => ({ type: 2, style: 2, custom_id: id, label });

it.each([
  ["six buttons in a row", [row(...["a", "b", "c", "d", "e", "f"].map((id) => button(id)))], 50_035],
  ["six rows", ["a", "b", "c", "d", "e", "f"].map((id) => row(button(id))), 50_035],
  ["two of one name", [row(button("a"), button("a"))], 50_035],
  ["a label that is too long", [row(button("a", "x".repeat(81)))], 50_035],
  [
    "a select of 26",
    [row({ type: 3, custom_id: "s", options: Array.from({ length: 26 }, (_, at) => ({ label: "x", value: `${at}` })) })],
    50_035,
  ],
])("takes no message with %s", async (_, components, code) => {
  expect((await call("POST", `/channels/${channel}/messages`, { content: "?", components })).body.code).toBe(code);
});

it("takes one answer to a press, in time and without the bot's token, and what follows it after that", async () => {
  const { body } = await call("POST", `/channels/${channel}/messages`, { content: "?", components: [row(button("a", "Press"))] });
  const pressing = discord.press({ channel, id: body.id ?? "", user, label: "Press" });
  // Nobody listens: what a session would have been told is asked of the fake.
  const [, interaction] = [pressing, discord.interactions().at(-1)];
  if (interaction === undefined) throw new Error("a press is an interaction");
  const { id, token } = interaction;
  const whisper = { content: "psst", flags: 64 };
  expect((await call("POST", `/webhooks/${discord.bot.applicationId}/${token}`, whisper, false)).body.code).toBe(10_015);
  expect((await call("POST", `/interactions/${id}/${token}/callback`, { type: 6 }, false)).status).toBe(204);
  expect(await pressing).toBe(true);
  expect((await call("POST", `/interactions/${id}/${token}/callback`, { type: 6 }, false)).body.code).toBe(40_060);
  expect((await call("POST", `/webhooks/${discord.bot.applicationId}/${token}`, whisper, false)).status).toBe(200);
  expect(discord.sees(user).filter(({ only }) => only === user)).toMatchObject([{ text: "psst", channel }]);
  expect(discord.room(channel).map(({ text }) => text)).toEqual(["?"]);
  clock += 900_001;
  expect((await call("POST", `/webhooks/${discord.bot.applicationId}/${token}`, whisper, false)).body.code).toBe(50_027);
});

it("takes no answer after three seconds", async () => {
  const { body } = await call("POST", `/channels/${channel}/messages`, { content: "?", components: [row(button("a", "Press"))] });
  void discord.press({ channel, id: body.id ?? "", user, label: "Press" });
  const interaction = discord.interactions().at(-1);
  clock += 3_001;
  const answer = await call("POST", `/interactions/${interaction?.id}/${interaction?.token}/callback`, { type: 6 }, false);
  expect(answer.body.code).toBe(10_062);
});
