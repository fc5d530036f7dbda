import { buckets, postSendKey, shardOfRun, subjects, token, type Message, type PackVersion, type Send } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keyOf, ruleOf, startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
  await activatePack(scene.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
});
afterEach(() => scene.end());

const rooms = { ops: [{ room: "slack:T1/C8" }, { room: "slack:T1/C9" }], dev: [{ room: "slack:T1/C7" }] };
const posts = () => scene.sends.filter(({ key }) => key.startsWith("post/"));
/** The last wording of what stands in a room. */
const stands = (channel: string): Send | undefined =>
  posts()
    .filter(({ to }) => to.channel === channel)
    .toSorted((one, other) => one.revision - other.revision)
    .at(-1);
const answered = (id: string) => scene.sends.find(({ answers, final }) => answers === keyOf(id) && final);

async function post(id: string, text: string, more: Partial<Message> = {}): Promise<Send> {
  await scene.say(id, text, more);
  await until(() => answered(id) !== undefined);
  const reply = answered(id);
  if (reply === undefined) throw new Error("it was answered");
  return reply;
}

test("what is posted under one key is one message in each of its rooms, whoever posts and however often engines are killed", async () => {
  await scene.startEngine({ rooms });
  expect(await post("1", "post in ops as door: The door is open.")).toMatchObject({
    outcome: "ok",
    body: { text: "In slack:T1/C8, slack:T1/C9." },
  });
  expect(posts().map(({ to, body, final }) => [to.channel, body.text, final])).toEqual([
    ["C8", "The door is open.", false],
    ["C9", "The door is open.", false],
  ]);
  // Where it stands need not be said again, and one room more may be.
  await post("2", "post as door: Somebody is in.");
  await post("3", "post in dev as door: It is shut.");
  for (const channel of ["C7", "C8", "C9"]) expect(stands(channel)?.body.text).toBe("It is shut.");
  expect(new Set(posts().map(({ key }) => key)).size).toBe(3);
  const revisions = posts().flatMap(({ to, revision }) => (to.channel === "C9" ? [revision] : []));
  expect(revisions).toEqual(revisions.toSorted((one, other) => one - other));
  expect(new Set(revisions).size).toBe(3);
  // Somebody else's key is another message.
  await post("4", "post in dev as window: The window is open.");
  expect(stands("C7")?.key).toBe(postSendKey("window", { platform: "slack", account: "A1", channel: "C7" }));
  expect((await scene.bus.bucket(buckets.post).get(token("door")))?.value.places).toHaveLength(3);
  expect(scene.requests).toEqual([]);
});

test.each(["engine.saved", "engine.applied"])(
  "it is said once, and under the revision it had, whatever becomes of the engine at %s",
  async (point) => {
    await scene.say("1", "post in ops as door: Once.");
    expect(await scene.crashEngine(point, { rooms })).toBe(point);
    await scene.startEngine({ rooms });
    await until(() => answered("1") !== undefined);
    await scene.handled();
    expect(posts().map(({ to, body }) => [to.channel, body.text])).toEqual([
      ["C8", "Once."],
      ["C9", "Once."],
    ]);
    const run = answered("1")?.run ?? "";
    expect((await scene.bus.log.last(run))?.record.state).toMatchObject({ status: "succeeded", output: { inline: { key: "door" } } });
  },
);

test("an ask that comes again long after says nothing anew: what was asked later stands", async () => {
  await scene.startEngine({ rooms });
  await post("1", "post in dev as door: First.");
  await post("2", "post in dev as door: Second.");
  const [first] = (await scene.bus.log.records(answered("1")?.run ?? "", { from: 1 }))[0]?.record.commands ?? [];
  if (first?.kind !== "ask") throw new Error("it asks to post");
  await scene.bus.publish(subjects.run.asked, first.ask, { id: "again" });
  await until(async () => (await scene.bus.log.last(first.ask.run)) !== undefined);
  await scene.handled();
  expect(stands("C7")?.body.text).toBe("Second.");
  expect(posts()).toHaveLength(2);
  expect(shardOfRun(first.ask.run)).toBeDefined();
});

test("below another message, wherever that stands; nowhere at all is told", async () => {
  await scene.startEngine({ rooms });
  await post("1", "post in ops as door: The door is open.");
  expect(await post("2", "comment on door: Who?")).toMatchObject({ body: { text: "In slack:T1/C8, slack:T1/C9." } });
  const above = posts().slice(0, 2);
  const below = posts().slice(2);
  expect(below.map(({ under }) => under)).toEqual(above.map(({ key }) => key));
  expect(await post("3", "post in nowhere as door: Hm.")).toMatchObject({ outcome: "refused" });
});

test("the result of a run is posted as its own reply words it, once it is over, and for nobody else than whoever may see it", async () => {
  await scene.startEngine({ rooms, access: [{ who: ["*"], what: ["chat.*"] }] });
  await scene.say("1", "greet ben");
  await until(() => scene.requests.length > 0);
  const [request] = scene.requests;
  if (request === undefined) throw new Error("it was requested");
  expect(await post("2", `post result of ${request.run} in dev`)).toMatchObject({
    outcome: "failed",
    body: { text: expect.stringContaining("is not over yet") },
  });
  await scene.finish(request, { text: "Hello, ben." });
  await until(() => answered("1") !== undefined);
  await post("3", `post result of ${request.run} in dev`);
  expect(stands("C7")?.body.text).toBe(answered("1")?.body.text);
  expect(await post("4", `form ${request.run}`)).toMatchObject({ body: { text: expect.stringContaining("Hello, ben.") } });
  const said = posts().length;
  const author = { platform: "slack", space: "T1", id: "U2", kind: "human" } as const;
  for (const [id, text] of Object.entries({ 5: `post result of ${request.run} in dev`, 6: `form ${request.run}` })) {
    expect(await post(id, text, { author })).toMatchObject({
      outcome: "failed",
      body: { text: expect.stringContaining(`There is no run ${request.run}`) },
    });
  }
  expect(posts()).toHaveLength(said);
});

test("a question is asked in each room of a name, in the thread of a message there; one answer closes all", async () => {
  await scene.startEngine({ rooms });
  await post("1", "post in ops as door: The door is open.");
  await scene.say("2", "shut door");
  const cards = () => scene.sends.filter(({ key }) => key.includes("/asks/"));
  await until(() => cards().length > 1);
  expect(cards().map(({ to, under }) => [to.channel, under])).toEqual(posts().map(({ to, key }) => [to.channel, key]));
  const presses = new Set(cards().map(({ body }) => body.choices?.press ?? ""));
  expect(presses.size).toBe(1);
  await scene.say("3", `approve ${[...presses][0]?.slice(0, 4)}`);
  await until(() => cards().length > 3);
  for (const { revision, body } of cards().slice(2)) {
    expect(revision).toBe(2);
    expect(body).toMatchObject({ text: expect.stringContaining("Answered by ana: Approve.") });
    expect(body.choices).toBeUndefined();
  }
});

test("whoever is to be told of an end is told once: rooms, and rules", async () => {
  await scene.startEngine({ rooms });
  await scene.say("1", "deploy web");
  await until(() => scene.requests.length > 0);
  const [request] = scene.requests;
  if (request === undefined) throw new Error("it was requested");
  const notices = () => scene.sends.filter(({ key }) => key.includes("/notify/"));
  await scene.finish(request, { text: "web is up" });
  await until(() => answered("1") !== undefined && notices().length > 1 && scene.requests.length > 1);
  expect(notices().map(({ to, body }) => [to.channel, body.text, body.tone])).toEqual([
    ["C8", "web: web is up", "ok"],
    ["C9", "web: web is up", "ok"],
  ]);
  // A rule that waits for the route has been asked, too.
  expect(scene.requests[1]).toMatchObject({ action: "chat.listen", input: { said: 'chat: web: web is up "web is up"' } });
});

const source = { file: "x.yaml", line: 1, column: 1 };
const common = { pack: "chat", enabled: true, description: "", source, pool: "default", repeatable: false };
const alias = (name: string, format: string, more: { action?: string; reply?: string; fixed?: Record<string, unknown> } = {}) => ({
  ...common,
  ref: `chat.${name}`,
  name,
  action: more.action ?? "chat.post",
  immutableParameters: more.fixed ?? {},
  formats: [{ representation: [format], matchMultiple: false }],
  result: { enabled: true, format: more.reply ?? "In {{ execution.result.places | map(attribute='room') | join(', ') }}." },
});
const pack: PackVersion = {
  v: 1,
  name: "chat",
  version: "1.0.0",
  description: "",
  digest: "c1",
  actions: [
    { ...common, ref: "chat.post", name: "post", kind: "post", parameters: {} },
    { ...common, ref: "chat.result", name: "result", kind: "post-result", parameters: {} },
    { ...common, ref: "chat.form", name: "form", kind: "format-result", parameters: {} },
    {
      ...common,
      ref: "chat.deploy",
      name: "deploy",
      kind: "typescript",
      parameters: { app: { type: "string" } },
      notify: {
        success: { routes: ["ops", "chat"], message: "{{ action_parameters.app }}: {{ action_results }}" },
        failure: { routes: ["dev"] },
      },
    },
    { ...common, ref: "chat.listen", name: "listen", kind: "typescript", parameters: { said: { type: "string" } } },
    {
      ...common,
      ref: "chat.ask",
      name: "ask",
      kind: "inquirer",
      parameters: { message: { type: "string", default: "Shut it?" } },
    },
  ],
  rules: [
    ruleOf("chat", "hear", {
      trigger: { type: "core.st2.generic.notifytrigger", parameters: {} },
      criteria: { "trigger.route": { type: "equals", pattern: "chat" } },
      action: { ref: "chat.listen", parameters: { said: "{{ trigger.route }}: {{ trigger.message }} {{ trigger.data.result }}" } },
    }),
  ],
  aliases: [
    alias("deploy", "deploy {{ app }}", { action: "chat.deploy", reply: "Done." }),
    alias("in", "post in {{ to }} as {{ key }}: {{ text }}"),
    alias("as", "post as {{ key }}: {{ text }}"),
    alias("comment", "comment on {{ thread }}: {{ text }}"),
    alias("result", "post result of {{ execution_id }} in {{ channel }}", { action: "chat.result" }),
    alias("form", "form {{ execution_id }}", { action: "chat.form", reply: "{{ execution.result.message }}" }),
    alias("shut", "shut {{ thread }}", { action: "chat.ask", fixed: { route: "ops", ttl: 0 }, reply: "Asked." }),
  ],
};
