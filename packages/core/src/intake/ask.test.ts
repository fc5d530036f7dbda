import { ActionDefinition, AliasDefinition, type Message, type Question } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { emptyCatalog, withPack } from "../catalog.ts";
import { receive } from "./receive.ts";
import type { Verdict } from "./verdict.ts";

const source = { file: "x.yaml", line: 1, column: 1 };
const about = { pack: "p", source };
const text = { type: "string", required: true } as const;
const catalog = withPack(emptyCatalog, {
  v: 1,
  name: "p",
  version: "1",
  description: "",
  digest: "d",
  actions: [
    ActionDefinition.parse({
      ...about,
      ref: "p.deploy",
      name: "deploy",
      kind: "typescript",
      parameters: {
        service: { ...text, description: "Which service." },
        count: { type: "integer", required: true, position: 2 },
        env: { type: "string", enum: ["prod", "test"] },
      },
    }),
    ActionDefinition.parse({
      ...about,
      ref: "p.login",
      name: "login",
      kind: "typescript",
      parameters: { password: { ...text, secret: true } },
    }),
    ActionDefinition.parse({
      ...about,
      ref: "p.register",
      name: "register",
      kind: "typescript",
      parameters: {
        account: { type: "object", required: true, properties: { token: { type: "string", secret: true } } },
        host: text,
      },
    }),
    ActionDefinition.parse({ ...about, ref: "p.look", name: "look", kind: "typescript", parameters: { issue: text } }),
  ],
  aliases: [
    ["look", "[A-1]", "(?:\\s|^)(?P<issue>[A-Z]+-\\d+)(?:\\s|$)"],
    ["deploy", "deploy {{ service }} to {{ env }}"],
    ["deploy", "ship it"],
    ["login", "log in"],
    ["register", "register"],
    ["register", "register {{ account }}"],
    ["login", "log in with {{ password }}"],
    ["look", "look at {{ issue }}"],
    ["look", "look (closely|well) at {{ issue }}"],
  ].map(([action = "", display = "", representation = display], index) =>
    AliasDefinition.parse({
      ...about,
      ref: `p.${action}${index}`,
      name: `${action}${index}`,
      action: `p.${action}`,
      formats: [{ display, representation: [representation], matchMultiple: representation !== display }],
    }),
  ),
});
function said(
  words: string,
  more: { kind?: "room" | "direct"; question?: Question; addressed?: Message["addressed"]; thread?: string } = {},
): Verdict {
  const { kind = "direct", question, addressed = "direct", thread } = more;
  const author = { platform: "slack", space: "T1", id: "U1", kind: "human" } as const;
  const conversation = { space: "T1", channel: "C1", kind, ...(thread === undefined ? {} : { thread }) };
  const message: Message = {
    v: 1,
    key: "m1",
    platform: "slack",
    account: "A1",
    conversation,
    author,
    content: { text: words },
    addressed,
    origin: "live",
    replyTo: { platform: "slack", account: "A1", space: "T1", channel: "C1", ...(thread === undefined ? {} : { thread }) },
    sentAt: "2026-01-01T00:00:00.000Z",
  };
  const policy = { owners: new Set(["slack:T1/U1"]), rules: [], changes: [] };
  return receive({ catalog, policy, message, runs: [], now: message.sentAt, ...(question === undefined ? {} : { question }) });
}

const asked = (verdict: Verdict): Question => {
  if (verdict.kind !== "ask") throw new Error(`it was not asked: ${JSON.stringify(verdict)}`);
  const to = { platform: "slack", account: "A1", channel: "C1" };
  const asker = { platform: "slack", id: "U1", kind: "human" } as const;
  return { v: 1, key: "m0", run: "r0", asker, to, direct: true, ...verdict.lacking, askedAt: "2026-01-01T00:00:00.000Z" };
};

const inShort = (verdict: Verdict): unknown => {
  if (verdict.kind === "run") return verdict.plan.task.input;
  if (verdict.kind === "runs") return verdict.plans.map((plan) => plan.task.input);
  if (verdict.kind === "ask") return `${verdict.lacking.lacks.join(", ")}? ${JSON.stringify(verdict.lacking.input)}`;
  return verdict.kind === "answer" ? verdict.body.text.split("\n")[0] : verdict.kind;
};

describe("a command that lacks something", () => {
  it.each([
    ["deploy", "service, env, count? {}"],
    ["deploy api", 'env, count? {"service":"api"}'],
    ["deploy api to", 'env, count? {"service":"api"}'],
    ["DEPLOY “my api” to", 'env, count? {"service":"my api"}'],
    ["deploy api count=3", 'env? {"service":"api","count":"3"}'],
    ["deploy api to prod", 'count? {"service":"api","env":"prod"}'],
    ["ship it", "count, service? {}"],
    ["look", '"look" lacks something.'],
    ["look at", "issue? {}"],
    ["look closely at", 'No command fits "look closely at".'],
    ["deployment of things", 'No command fits "deployment of things".'],
  ])("%s", (words, expected) => {
    expect(inShort(said(words))).toEqual(expected);
  });

  it("is asked about with what is known of the parameter, and how to answer", () => {
    const verdict = said("deploy");
    expect(verdict.kind === "ask" && verdict.body.text).toBe(
      "What is `service` (Which service)? p.deploy needs it. Your next message here is the answer; `cancel` drops it.",
    );
    const choice = said("deploy api");
    expect(choice.kind === "ask" && choice.body.text).toContain("One of `prod`, `test`.");
  });

  it("is answered by a call where there is no thread to listen in", () => {
    const [room, thread] = [said("deploy", { kind: "room" }), said("deploy", { kind: "room", thread: "t1" })];
    expect(room.kind === "ask" && room.body.text).toContain("Answer as a reply to this, or as you call a command");
    expect(thread.kind === "ask" && thread.body.text).toContain("Your next message here");
  });

  it("is asked for a secret in private only", () => {
    expect(inShort(said("log in", { kind: "room" }))).toBe("p.login needs password, which is a secret and is asked for in private only.");
    expect(inShort(said("log in"))).toBe("password? {}");
    const answered = said("hunter2", { question: asked(said("log in")) });
    expect(answered.kind === "run" && answered.plan.secrets).toEqual(["password"]);
  });

  it("is the same where the secret is a part of what is asked for", () => {
    expect(inShort(said("register", { kind: "room" }))).toContain("account, which is a secret and is asked for in private only");
    const verdict = said('register {"token":"hunter2"}');
    expect(verdict.kind === "ask" && verdict.secrets).toEqual(["account"]);
  });
});

describe("an answer", () => {
  it("is cast at once, and asked for again with the reason where it does not fit", () => {
    const first = asked(said("deploy api to prod"));
    expect(inShort(said("4", { question: first }))).toEqual({ service: "api", env: "prod", count: 4 });
    const again = said("many", { question: first });
    expect(again.kind === "ask" && again.body.text).toMatch(/^That does not fit: `count` takes a whole number\.\nWhat is `count`\?/);
    expect(inShort(said("4", { question: asked(again) }))).toEqual({ service: "api", env: "prod", count: 4 });
  });

  it("leads to the next question, until nothing is lacking", () => {
    const env = said("“the api”", { question: asked(said("deploy")) });
    expect(inShort(env)).toBe('env, count? {"service":"the api"}');
    const count = said("test", { question: asked(env) });
    expect(inShort(said("2", { question: asked(count) }))).toEqual({ service: "the api", env: "test", count: 2 });
  });

  it("is whatever is said next, a command's words too; but cancel ends it", () => {
    const question = asked(said("look at"));
    expect(inShort(said("deploy", { question }))).toEqual({ issue: "deploy" });
    expect(inShort(said("status", { question }))).toEqual({ issue: "status" });
    expect(inShort(said("Cancel", { question }))).toBe("p.look was not run.");
  });

  it("to what has changed meanwhile says so, and what answers nothing is passed over", () => {
    expect(inShort(said("x", { question: { ...asked(said("look at")), alias: "p.gone" } }))).toBe(
      "p.gone has changed since it was asked about.",
    );
    expect(inShort(said("just talking", { addressed: "answer", kind: "room", thread: "t1" }))).toBe("unheard");
  });
});

describe("a command that says several things", () => {
  it("runs for each of them, or for none", () => {
    expect(inShort(said("see ABC-1 and DEF-2 thanks"))).toEqual([{ issue: "ABC-1" }, { issue: "DEF-2" }]);
    const many = Array.from({ length: 11 }, (_, index) => `ABC-${index}`).join(" x ");
    expect(inShort(said(many))).toBe(
      `"${many.slice(0, 100)}${many.length > 100 ? "…" : ""}" calls p.look0 11 times, and a message runs 10 at most.`,
    );
    expect(inShort(said("see ABC-1 and DEF-2 wrong=1"))).toBe("p.look has no parameter wrong.");
  });
});
