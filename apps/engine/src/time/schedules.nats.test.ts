import { buckets, promptAccount, subjects, token, type CommandSchedule, type Message, type Person } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ana, keyOf, startScene, until, type Scene } from "../testing.ts";

const bob: Person = { platform: "slack", space: "T1", id: "U2", name: "bob", kind: "human" };
let scene: Scene;
let opened = 0;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.end());

/** What is said now, not at the beginning of the year. */
const say = (id: string, text: string, more: Partial<Message> = {}) => scene.say(id, text, { sentAt: new Date().toISOString(), ...more });
const answerTo = async (id: string): Promise<string> => {
  const said = () => scene.sends.find(({ answers, gesture }) => answers === keyOf(id) && gesture === undefined);
  await until(() => said() !== undefined);
  return said()?.body.text ?? "";
};
const stored = async (): Promise<CommandSchedule[]> => (await scene.bus.bucket(buckets.schedule).entries(">")).map(({ value }) => value);
const greeted = (name: string) => scene.requests.filter(({ input }) => input["name"] === name);

test("a command that is due runs once, in the thread where it was scheduled, whoever dies on the way", async () => {
  await say("1", "in 1 second greet Ada");
  // First with the record of what was asked, then with what is due.
  expect(await scene.crashEngine("engine.saved")).toBe("engine.saved");
  expect(await scene.crashEngine("engine.ticked")).toBe("engine.ticked");
  await scene.startEngine();
  await until(() => greeted("Ada").length > 0);
  expect(await answerTo("1")).toMatch(/^`greet Ada` is scheduled: in 1 second\.\nNext: \w+day \d+ \w+ \d\d:\d\d /);
  await until(async () => (await stored())[0]?.over?.why === "done");
  const [request] = greeted("Ada");
  if (request === undefined) throw new Error("nobody was greeted");
  await scene.finish(request, { text: "Hello Ada" });
  await until(() => scene.seen().includes("Hello Ada"));
  const reply = scene.sends.find(({ body }) => body.text === "Hello Ada");
  expect(reply).toMatchObject({ to: { channel: "C1", thread: "1" }, run: request.run });
  expect(reply?.to.message).toBeUndefined();
  expect(new Set(greeted("Ada").map(({ run }) => run)).size).toBe(1);
});

test("what can't be run is not scheduled, and why is said at once", async () => {
  const asked: [string, RegExp, Partial<Message>?][] = [
    ["every monday 9:00 greet Ada", /may not run/, { author: bob }],
    ["every monday 9:00 greet", /lacks name/],
    ["every monday 9:00 gret Ada", /No command fits "gret Ada"/],
    ["every monday 9:00 status", /No command fits "status"/],
    ["every monday greet Ada", /at what time/],
    ["unschedule 123456", /no schedule 123456/],
  ];
  for (const [index, [text, why, more]] of asked.entries()) {
    await say(`r${index}`, text, more);
    expect(await answerTo(`r${index}`)).toMatch(why);
  }
  expect((await stored()).filter(({ over }) => over === undefined)).toEqual([]);
});

test("they are listed where they were made, and ended by who made them", async () => {
  await say("l1", "every weekday at 8:00 UTC greet Eve");
  const id = /Schedule `(\w+)`/.exec(await answerTo("l1"))?.[1] ?? "";
  await say("l2", "schedules");
  expect(await answerTo("l2")).toMatch(
    new RegExp(`^- \`${id}\` every weekday at 8:00 UTC: \`greet Eve\`, next \\w+day .* 08:00 UTC, by ana$`),
  );
  await say("l3", `unschedule ${id}`, { author: bob });
  expect(await answerTo("l3")).toMatch(/bob may not end schedule/);
  await say("l4", `cancel schedule ${id.toLowerCase()}`);
  expect(await answerTo("l4")).toBe(`Schedule \`${id}\` has ended: every weekday at 8:00 UTC \`greet Eve\`.`);
  await say("l5", "schedules");
  expect(await answerTo("l5")).toMatch(/^Nothing is scheduled here/);
});

test("new words of the message that made one take its place", async () => {
  // Dates are of whole seconds.
  const sentAt = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
  await say("e1", "in 300 days greet Una", { sentAt });
  await answerTo("e1");
  const replyTo = { platform: "slack", account: "A1", space: "T1", channel: "C1", thread: "e1", message: "e1" };
  const place = { platform: "slack", account: "A1", conversation: { space: "T1", channel: "C1", kind: "room" } } as const;
  const content = { text: "in 2 hours greet Una" };
  const key = `${keyOf("e1")}/e2`;
  const message: Message = { v: 1, key, ...place, author: ana, content, addressed: "prefix", origin: "live", replyTo, sentAt };
  const editedAt = new Date(Date.parse(sentAt) + 3_600_000).toISOString();
  const edited = { v: 1, key, ...place, original: { key: keyOf("e1"), sentAt }, author: ana, message, editedAt } as const;
  await scene.bus.publish(subjects.message.edited, edited, { id: `edit:${key}` });
  const of = async () => (await stored()).filter(({ command }) => command === "greet Una");
  await until(async () => (await of()).length === 2);
  const due = new Date(Date.parse(editedAt) + 7_200_000).toISOString();
  await until(async () => (await of()).some(({ over }) => over?.why === "canceled"));
  expect((await of()).filter(({ over }) => over === undefined)).toMatchObject([{ when: "in 2 hours", due }]);
});

test("of times that nobody was there for the latest comes, and a command that is gone by then is told of", async () => {
  const past = (minutes: number) => new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000).toISOString();
  const made = await scheduleOf("m1");
  const { over: _, ...one } = made;
  const bucket = scene.bus.bucket(buckets.schedule);
  const shard = (await bucket.entries(">"))[0]?.key.split(".")[0] ?? "";
  const interval = { trigger: "core.st2.IntervalTimer", parameters: { unit: "minutes", delta: 1, timezone: "UTC" } };
  await bucket.create(`${shard}.MISSED`, { ...one, id: "MISSED", ...interval, command: "greet Kay", askedAt: past(90), due: past(60) });
  await until(() => greeted("Kay").length === 1);
  const moved = async () => (await stored()).find(({ id }) => id === "MISSED");
  await until(async () => Date.parse((await moved())?.due ?? "") > Date.now());
  expect(greeted("Kay")).toHaveLength(1);
  await bucket.delete(`${shard}.MISSED`);
  // What was scheduled at a prompt that is closed since runs, and is answered at a prompt of the same person alone.
  const member = await scene.bus.join({ role: "prompt", lengthMs: 60_000, renewalMs: 1_000 });
  const prompt = { platform: "terminal", account: promptAccount("person", { id: "closed", person: ana.id }), channel: "prompt" };
  const answeredAt = async (id: string) => {
    await bucket.create(`${shard}.${id}`, { ...one, id, replyTo: prompt, command: `greet ${id}`, due: past(0) });
    await until(() => greeted(id).length === 1);
    const { platform, account } = (await scene.bus.log.last(greeted(id)[0]?.run ?? ""))?.record.state?.replyTo ?? {};
    return `${platform} ${account}`;
  };
  const open = async (account: string) => {
    await member.hold(`sender.terminal.${token(account)}`);
    return account;
  };
  await open(promptAccount("person", { id: "other", person: bob.id }));
  await open(promptAccount("program", { id: "script", person: ana.id }));
  expect(await answeredAt("PROMPT")).toBe(`rule ${prompt.account}`);
  const own = await open(promptAccount("person", { id: "open", person: ana.id }));
  await until(async () => (await answeredAt(`AGAIN${opened++}`)) === `terminal ${own}`);
  await member.leave();

  const gone = { v: 1, name: "hello", version: "2.0.0", description: "", digest: "d2", actions: [], aliases: [] } as const;
  await activatePack(scene.bus, { version: { ...gone, actions: [], aliases: [] }, files: { v: 1, digest: "d2", files: [] } });
  for (let turn = 0; ; turn++) {
    await say(`help${turn}`, "help greet");
    if ((await answerTo(`help${turn}`)).startsWith("Nothing here")) break;
  }
  await bucket.create(`${shard}.GONE00`, { ...one, id: "GONE00", command: "greet Zoe", due: past(0) });
  await until(() => scene.seen().some((text) => text.startsWith("Schedule `GONE00` of ana, greet Zoe: No command fits")));
  expect(greeted("Zoe")).toEqual([]);
});

/** Of a message, once it is written down. */
async function scheduleOf(id: string): Promise<CommandSchedule> {
  await say(id, "in 300 days greet Ida");
  await answerTo(id);
  const found = (await stored()).find(({ message }) => message === keyOf(id));
  if (found === undefined) throw new Error("it was not written down");
  return found;
}
