import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scaled } from "@bellhop/contracts";
import { commonConfig, Secret, silentLog, type CrashPoint, type Service } from "@bellhop/service";
import { startGatewayStage, type GatewayStage } from "@bellhop/testkit";
import { startFakeMatrix, type FakeMatrix } from "@bellhop/testkit/matrix";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { start } from "./start.ts";

const durations = scaled(0.1);
const patience = 45_000;

let matrix: FakeMatrix;
let stage: GatewayStage;
let room: string;
let user: string;

beforeEach(async () => {
  [stage, matrix] = await Promise.all([
    startGatewayStage({
      platform: "matrix",
      answer: ({ content: { text } }) => ({ text: `you said: ${text}${text.endsWith("long") ? long : ""}`, tone: "info" }),
    }),
    // Little at a time, so that an absence leaves gaps.
    startFakeMatrix({ largestTimeline: 10 }),
  ]);
  user = matrix.createUser("ana");
  room = matrix.createRoom("ops", { members: [user] });
});

afterEach(async () => {
  await stage.end();
  await matrix.close();
});

describe("the gateway of one account", () => {
  it("answers a !command and a mention in their threads, once each, and nobody else", async () => {
    await gateway();
    const asked = await say("!echo <hello>");
    const mentioned = await say("echo you", { mention: true });
    await say("just talking");
    await answered(2);
    await last(asked.event);
    expect(answers()).toEqual(
      expect.arrayContaining([
        { thread: asked.event, text: "you said: echo <hello>" },
        { thread: mentioned.event, text: "you said: echo you" },
      ]),
    );
    expect(answers()).toHaveLength(3);
    expect(stage.heard).toHaveLength(3);
    expect(matrix.room(room).find(({ text }) => text.endsWith("<hello>") && text.startsWith("you"))?.html).toBe(
      "<p>you said: echo &lt;hello&gt;</p>",
    );
  });

  it("answers a direct message where it stands", async () => {
    await gateway();
    const { room: direct } = await matrix.dm(user, "status");
    await matrix.waitForMessage((message) => message.room === direct && message.user === matrix.bot.userId, patience);
    expect(matrix.room(direct).map(({ text, thread }) => [text, thread])).toEqual([
      ["status", undefined],
      ["you said: status", undefined],
    ]);
  });

  it("makes one message of what a sync gives twice", async () => {
    await gateway();
    const twice = matrix.disturbSyncs({ fault: { kind: "twice" } });
    const { event } = await say("!echo once");
    await answered(1);
    await last(event);
    expect(twice.hits()).toBe(1);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
    expect(stage.heard).toHaveLength(2);
  });

  it("hears on while NATS is down, and answers once when it is back", async () => {
    await gateway();
    await stage.nats.kill9();
    const { event } = await say("!echo stored");
    await say("!echo too", { thread: event });
    await stage.nats.restart();
    await answered(2);
    await last(event);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo stored", "you said: echo too", "you said: echo last"]);
    expect(stage.heard).toHaveLength(3);
  });

  it.each(["lose_answer", "lose_request", "error_after", "unavailable"] as const)("leaves one reply standing after %s", async (kind) => {
    await gateway();
    const fault = matrix.failCalls({ call: "send", fault: { kind } });
    const { event } = await say("!echo once");
    await answered(1);
    await last(event);
    expect(fault.hits()).toBe(1);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
  });

  it("leaves one reply standing where the homeserver takes longer than we wait", async () => {
    await gateway();
    const fault = matrix.failCalls({ call: "send", fault: { kind: "hold", ms: durations.platformCall + 500 } });
    const { event } = await say("!echo once");
    await answered(1);
    await last(event);
    expect(fault.hits()).toBe(1);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
  });

  it("says everything where the homeserver counts as Synapse does unless told otherwise", async () => {
    matrix.pace({ perSecond: 2, burst: 3 });
    await gateway();
    const { event } = await say("!echo 1");
    for (let n = 2; n <= 8; n++) await say(`!echo ${n}`, { thread: event });
    await answered(8);
    expect(answers().map(({ text }) => text)).toEqual(Array.from({ length: 8 }, (_, n) => `you said: echo ${n + 1}`));
    expect(matrix.requests().filter(({ call, answer }) => call === "send" && answer?.status === 429).length).toBeGreaterThan(0);
  });

  it("starts while the homeserver can't be reached, and answers once it can", async () => {
    const outage = matrix.failCalls({ call: "whoami", fault: { kind: "unavailable" } });
    await gateway();
    expect(outage.hits()).toBe(1);
    await matrix.waitUntil(() => matrix.syncs() === 1);
    await say("!echo late");
    await answered(1);
  });

  it("refuses to start with a token that the homeserver does not take, and says which", async () => {
    matrix.revokeTokens();
    await expect(gateway()).rejects.toThrow(/BELLHOP_MATRIX_TOKEN/);
  });
});

describe("killed with -9", () => {
  it("answers what was said meanwhile, in rooms, threads and directly, in order and once", async () => {
    const first = await gatewayProcess();
    const { room: direct } = await matrix.dm(user, "before");
    const { event: root } = await say("!echo before");
    await answered(1);
    await matrix.waitForMessage(({ text }) => text === "you said: before", patience);
    first.child.kill("SIGKILL");
    await first.ended;
    const texts = Array.from({ length: 60 }, (_, n) => `echo ${n + 1}`);
    for (const text of texts) await say(`!${text}`, { thread: root });
    await matrix.dm(user, "meanwhile");
    const { room: fresh } = await matrix.dm(matrix.createUser("bob"), "invited meanwhile");
    await gateway();
    await answered(61);
    await matrix.waitForMessage((message) => message.room === direct && message.text === "you said: meanwhile", patience);
    await matrix.waitForMessage((message) => message.room === fresh && message.text === "you said: invited meanwhile", patience);
    await last(root);
    expect(answers().map(({ text }) => text)).toEqual(["echo before", ...texts, "echo last"].map((text) => `you said: ${text}`));
    expect(stage.heard).toHaveLength(65);
  });

  it.each<CrashPoint>(["gateway.received", "gateway.stored", "gateway.sending", "gateway.sent-unrecorded", "gateway.recorded"])(
    "at %s, the next gateway leaves each piece of one reply standing",
    async (point) => {
      const crashLog = join(stage.folder, "crash");
      const first = await gatewayProcess({ BELLHOP_CRASH: point, BELLHOP_CRASH_LOG: crashLog });
      const { event } = await say("!echo long");
      await first.ended;
      expect(await readFile(crashLog, "utf8")).toMatch(point);
      await gateway();
      await answered(4);
      await last(event);
      expect(answers().map(({ text }) => text.slice(0, 20))).toEqual(
        ["you said: echo long", "line", "line", "line", "you said: echo last"].map((text) => expect.stringContaining(text)),
      );
      expect(stage.heard.map(({ content }) => content.text)).toEqual(["echo long", "echo last"]);
    },
  );

  it("while another one waits, that one takes over", async () => {
    const first = await gatewayProcess();
    await say("!echo one");
    await answered(1);
    await gateway();
    first.child.kill("SIGKILL");
    await first.ended;
    await say("!echo two");
    await answered(2);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo one", "you said: echo two"]);
  });
});

const say = (text: string, more: { thread?: string; mention?: boolean } = {}) => matrix.say({ room, user, text, ...more });

/** In this process. */
async function gateway(): Promise<Service> {
  const service = await start(
    {
      ...commonConfig(stage.env, "gateway"),
      prefixes: { general: "!", rooms: {} },
      accounts: [{ name: "default", homeserver: matrix.url, login: { token: new Secret(matrix.bot.token) } }],
    },
    silentLog,
  );
  stage.atEnd(() => service.stop());
  return service;
}

/** As it is shipped; ready when it waits for news. */
function gatewayProcess(extra: Record<string, string> = {}): ReturnType<GatewayStage["run"]> {
  const before = matrix.syncs();
  return stage.run({
    main: fileURLToPath(new URL("main.ts", import.meta.url)),
    env: { BELLHOP_MATRIX_HOMESERVER: matrix.url, BELLHOP_MATRIX_TOKEN: matrix.bot.token, ...extra },
    ready: matrix.waitUntil(() => matrix.syncs() > before, patience),
  });
}

/** Of four pieces. */
const long = `\n\n${Array.from({ length: 900 }, (_, n) => `line ${n} of an answer that is long enough to matter`).join("\n")}`;

function answers(): { thread?: string; text: string }[] {
  return matrix
    .room(room)
    .filter((message) => message.user === matrix.bot.userId)
    .map(({ text, thread }) => ({ thread, text }));
}

/** Asks once more in the same thread: replies there go out one after the other, so that nothing is on its way before this answer. */
async function last(thread: string): Promise<void> {
  await say("!echo last", { thread });
  await matrix.waitUntil(() => answers().some(({ text }) => text.endsWith("echo last")), patience);
}

function answered(count: number): Promise<void> {
  return matrix.waitUntil(() => answers().length >= count, patience);
}
