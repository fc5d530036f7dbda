import {
  pressId,
  type ActionDefinition,
  type Command,
  type MessagePressed,
  type Person,
  type Press,
  type Run,
  type Send,
} from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { policyOf } from "../access/may-run.ts";
import { emptyCatalog, type Catalog } from "../catalog.ts";
import { decide } from "../run/decide.ts";
import type { RunEvent } from "../run/event.ts";
import { planRun } from "../run/plan.ts";
import { askFor, readPress } from "./pressed.ts";
import { takeAnswer } from "./take.ts";
import { readTyped, typedAnswer } from "./typed.ts";

const ana: Person = { platform: "slack", space: "T1", id: "U1", kind: "human" };
const ben: Person = { ...ana, id: "U2" };
const place = { platform: "slack", account: "T1-U9", space: "T1", channel: "C1", thread: "1.1", message: "1.1" };
const at = "2026-01-01T00:00:00.000Z";
const later = "2026-01-01T00:01:00.000Z";
const policy = policyOf({ owners: ["slack:T1/U1"], file: [], rules: [], roles: { dba: ["slack:T1/U2"] } });

const definition: ActionDefinition = {
  ref: "core.ask",
  pack: "core",
  name: "ask",
  description: "",
  enabled: true,
  kind: "inquirer",
  parameters: {},
  repeatable: false,
  pool: "default",
  source: { file: "actions/ask.yaml", line: 1, column: 1 },
};
const catalog: Catalog = { ...emptyCatalog, actions: new Map([["core.ask", definition]]) };

/** A run that asks, as it stands then, and the last revision of each thing it wants done. */
function asked(input: Record<string, unknown> = {}) {
  const planned = planRun({ catalog, action: "core.ask", input, places: { here: place } });
  if (planned.kind === "refused") throw planned.problem;
  const begun = decide(undefined, { kind: "asked", id: "k", at, run: "R1", plan: planned.plan, asker: ana, replyTo: place, answers: "k" });
  if (begun.kind !== "changed") throw new Error("it must begin");
  return { run: begun.run, ...partsOf(begun.commands) };
}

function partsOf(commands: readonly Command[]) {
  const send = (key: RegExp): Send | undefined =>
    commands.flatMap((one) => (one.kind === "send" && key.test(one.send.key) ? [one.send] : []))[0];
  const press: Press | undefined = commands.flatMap((one) => (one.kind === "press" ? [one.press] : []))[0];
  return { card: send(/asks/), told: send(/answer/), press, commands };
}

function step(run: Run, event: RunEvent) {
  const decision = decide(run, event);
  return { run: decision.kind === "changed" ? decision.run : run, ...partsOf(decision.commands) };
}

const answered = (response: Record<string, unknown>, { by = ana, id = "p1", pressed = true } = {}): RunEvent => {
  const who = { by, replyTo: place, answers: id, pressed };
  return { kind: "answered", id, at: later, task: "main", attempt: 1, response, ...who };
};

const fields = (properties: Record<string, unknown>) => ({ schema: { type: "object", properties } });

describe("a card", () => {
  it.each<[string, Record<string, unknown>, unknown[]]>([
    ["has two buttons for a yes or no", fields({ ok: { type: "boolean" } }), ["button Approve", "button Deny"]],
    ["takes fields alone for a schema", { schema: { ok: { type: "boolean", required: true } } }, ["button Approve", "button Deny"]],
    ["has a button for each of a few", fields({ size: { type: "string", enum: ["s", "m"] } }), ["button s", "button m"]],
    ["has a select for more", fields({ n: { type: "integer", enum: [1, 2, 3, 4, 5, 6] } }), ["select n"]],
    ["has a form for words", fields({ why: { type: "string" } }), ["form Answer"]],
    ["has a form for several fields", fields({ ok: { type: "boolean" }, why: { type: "string" } }), ["form Answer"]],
    ["has a form for a secret", fields({ pin: { type: "string", secret: true, enum: ["1"] } }), ["form Answer"]],
  ])("%s", (_, input, expected) => {
    const { card, press } = asked(input);
    expect(card?.body.choices?.items.map(({ kind, label }) => `${kind} ${label}`)).toEqual(expected);
    expect(press?.means).toHaveLength(expected.length);
  });

  it("says what was given, or what its fields say of themselves", () => {
    expect(asked({ message: "Ship it?" }).card?.body.text).toBe("Ship it?\n\nAsked by core.ask, run `R1`. It waits 24 hours at most.");
    expect(asked(fields({ ok: { type: "boolean", description: "Go on?" } })).card?.body.text).toContain("Go on?");
    expect(asked({ users: ["U2"], roles: ["dba"], ttl: 0 }).card?.body.text).toContain("Only for `U2`, the role `dba`.");
  });

  it("carries an opaque id that is the same for the same attempt, and is not asked for longer than its ttl", () => {
    const [one, two] = [asked({ ttl: 30 }), asked({ ttl: 30 })];
    expect(one.press?.id).toBe(pressId("R1/main/1"));
    expect(two.card).toEqual(one.card);
    expect(one.press?.id).toMatch(/^(?=.{0,3}\d)[0-9A-Z]{4}-[0-9A-Z]{10}$/);
    const [timer] = one.commands.flatMap((command) => (command.kind === "timer" ? [command.timer] : []));
    expect(timer).toMatchObject({ name: "inquiry/main/1", due: Date.parse(at) + 30 * 60_000 });
    expect(asked({ ttl: 0 }).commands.some(({ kind }) => kind === "timer")).toBe(false);
    expect(one.run).toMatchObject({ status: "pending", tasks: { main: { waits: "pending" } } });
  });
});

describe("an answer", () => {
  it("counts once, ends the card with who gave it, and is the result", () => {
    const { run, card } = asked();
    const first = step(run, answered({ continue: true }));
    expect(first.card).toMatchObject({
      key: card?.key,
      revision: 2,
      body: { text: expect.stringContaining("Answered by {who}: Approve.") },
    });
    expect(first.card?.body.choices).toBeUndefined();
    expect(first.told).toBeUndefined();
    expect(first.press?.over).toBe("Answered by slack:T1/U1: Approve.");
    expect(first.commands).toContainEqual({
      kind: "finish",
      finished: expect.objectContaining({ task: "main", attempt: 1, outcome: expect.objectContaining({ status: "succeeded" }) }),
    });
    const second = step(first.run, answered({ continue: false }, { by: ben, id: "p2" }));
    expect(second.run).toBe(first.run);
    expect(second.told).toMatchObject({ only: "U2", body: { text: expect.stringContaining("Answered by slack:T1/U1: Approve.") } });
    expect(step(first.run, answered({ continue: true })).commands).toEqual([]);
  });

  it("that was typed is answered where it was typed", () => {
    const { run } = asked();
    const { told } = step(run, answered({ continue: false }, { pressed: false }));
    expect(told).toMatchObject({ answers: "p1", final: true, outcome: "ok", body: { text: "Answered: Deny." } });
    expect(told?.only).toBeUndefined();
  });

  it("does not show what is secret", () => {
    const { run } = asked(fields({ pin: { type: "string", secret: true }, why: { type: "string" } }));
    const { card, press } = step(run, answered({ pin: "1234", why: "late" }));
    expect(card?.body.text).toContain("pin: [secret], why: `late`");
    expect(`${card?.body.text}${press?.over}`).not.toContain("1234");
  });

  it("comes too late once its time is over, or its run is being ended", () => {
    const { run } = asked({ ttl: 30 });
    const late = step(run, { kind: "timer", id: "t", at: later, name: "inquiry/main/1" });
    expect(late.card?.body.text).toContain("Nobody answered in 30 minutes.");
    expect(late.commands).toContainEqual(
      expect.objectContaining({
        kind: "finish",
        finished: expect.objectContaining({ outcome: expect.objectContaining({ status: "timeout" }) }),
      }),
    );
    expect(step(late.run, answered({ continue: true })).told?.outcome).toBe("refused");
    expect(step(late.run, { kind: "timer", id: "t2", at: later, name: "inquiry/main/1" }).commands).toEqual([]);
    const ending = step(run, { kind: "cancel", id: "c", at: later, asker: ana, replyTo: place, answers: "c" });
    expect(ending.card?.body.text).toContain("It is not asked any more");
    expect(step(ending.run, answered({ continue: true })).told?.outcome).toBe("refused");
  });
});

describe("who may answer, and what", () => {
  const take = (input: Record<string, unknown>, by: Person, response: Record<string, unknown>) => {
    const { run } = asked(input);
    const ask = { v: 2, kind: "answer", key: "p", run: run.id, response, asker: by, replyTo: place, askedAt: later } as const;
    const taken = takeAnswer(policy, run, ask);
    return taken.kind === "taken" ? taken.response : taken.problem.code;
  };

  it.each<[string, Record<string, unknown>, Person, unknown]>([
    ["who asked", {}, ana, { continue: true }],
    ["somebody who may not run it", {}, ben, "inquiry_denied"],
    ["who is named by their id", { users: ["U2"] }, ben, { continue: true }],
    ["who is mentioned", { users: ["<@U2>"] }, ben, { continue: true }],
    ["who is named as access rules do", { users: ["slack:T1/U2"] }, ben, { continue: true }],
    ["an owner who is not named", { users: ["U2"] }, ana, "inquiry_denied"],
    ["somebody of the same name elsewhere", { users: ["U2"] }, { ...ben, space: "T2" }, "inquiry_denied"],
    ["somebody of another platform", { users: ["U2"] }, { ...ben, platform: "discord" }, "inquiry_denied"],
    ["who has the role", { roles: ["owner"] }, ana, { continue: true }],
    ["who has not", { roles: ["owner"] }, ben, "inquiry_denied"],
    ["who is named and has not the role", { users: ["U2"], roles: ["owner"] }, ben, "inquiry_denied"],
    ["who has a role of bellhop.yaml", { roles: ["dba"] }, ben, { continue: true }],
    ["an owner without that role", { roles: ["dba"] }, ana, "inquiry_denied"],
  ])("%s", (_, input, by, expected) => expect(take(input, by, { continue: "yes" })).toEqual(expected));

  it("whoever may run the whole that it is part of, by the command that they may use, and nobody else", () => {
    const { run } = asked({});
    const allowed = (what: string) => policyOf({ owners: [], file: [{ who: ["slack:T1/U2"], what: [what] }], rules: [], roles: {} });
    const parent = { run: "w", task: "1", attempt: 1, catalog: {}, whole: { action: "d.heal", alias: "d.heal_alias" } };
    const ask = {
      v: 2,
      kind: "answer",
      key: "p",
      run: run.id,
      response: { continue: "yes" },
      asker: ben,
      replyTo: place,
      askedAt: later,
    } as const;
    const take = (what: string, of: Run) => takeAnswer(allowed(what), of, ask).kind;
    expect([take("d.heal", run), take("d.heal", { ...run, parent }), take("alias:d.heal_alias", { ...run, parent })]).toEqual([
      "refused",
      "taken",
      "taken",
    ]);
    expect(take("d.other", { ...run, parent })).toBe("refused");
  });

  it.each<[Record<string, unknown>, Record<string, unknown>, unknown]>([
    [{ n: { type: "integer" } }, { n: "7" }, { n: 7 }],
    [{ n: { type: "integer" } }, { n: "seven" }, "parameter_invalid"],
    [{ n: { type: "integer", maximum: 5 } }, { n: "7" }, "parameter_invalid"],
    [{ n: { type: "integer", required: true } }, {}, "parameter_missing"],
    [{ n: { type: "integer", default: 3 } }, {}, { n: 3 }],
    [{ n: { type: "integer" } }, { m: "7" }, "parameter_unknown"],
  ])("%j takes %j: %j", (properties, response, expected) => expect(take(fields(properties), ana, response)).toEqual(expected));

  it("takes more where the schema says so", () => {
    const schema = { type: "object", properties: { n: { type: "integer" } }, additionalProperties: true };
    expect(take({ schema }, ana, { n: "1", m: "2" })).toEqual({ n: 1, m: "2" });
  });
});

describe("typed words", () => {
  const { press } = asked(fields({ size: { type: "string", enum: ["s", "m"] } }));
  const yes = asked().press;
  if (press === undefined || yes === undefined) throw new Error("a card can be pressed");
  const code = yes.id.slice(0, 4);
  const read = (text: string, presses: readonly Press[]) => {
    const typed = typedAnswer(text);
    if (typed === undefined) return "a command";
    if (typed.kind === "run") return typed;
    const found = readTyped(typed, presses);
    if (found.kind === "refused") return found.problem.code;
    return found.kind === "none" ? "a command" : { ...(found.meaning.kind === "answer" ? found.meaning.response : {}), ...found.response };
  };

  it.each<[string, readonly Press[], unknown]>([
    [`approve ${code}`, [yes], { continue: true }],
    [`Deny ${code.toLowerCase()}`, [yes], { continue: false }],
    [`no \`${yes.id}\``, [yes], { continue: false }],
    [`aprove ${code}`, [yes], "press_words"],
    [`answer ${code} continue=true`, [yes], { continue: "true" }],
    [`answer ${code} true`, [yes], { continue: "true" }],
    [`approve ${code}`, [], "a command"],
    [`approve ${code}`, [{ ...yes, over: "Answered by ana: Approve." }], "inquiry_over"],
    [`approve ${code}`, [yes, { ...yes, id: `${code}-0000000000` }], "press_several"],
    [`approve ${code}`, [{ ...yes, over: "x" }, yes], { continue: true }],
    [`m ${press.id}`, [press], { size: "m" }],
    ["deploy web", [yes], "a command"],
    ["deploy TEST", [yes], "a command"],
    [`approve ${code} now`, [yes], "a command"],
  ])("%s", (text, presses, expected) => expect(read(text, presses)).toEqual(expected));

  it("name a run, and a task of it", () => {
    const run = "01J9Z3K4M5N6P7Q8R9S0T1V203";
    expect(typedAnswer(`answer ${run} a=1`)).toEqual({ kind: "run", run, rest: "a=1" });
    expect(typedAnswer(`answer ${run}/7.3 a=1`)).toEqual({ kind: "run", run, task: "7.3", rest: "a=1" });
  });
});

describe("a press", () => {
  const { press } = asked(fields({ n: { type: "integer", enum: [1, 2, 3, 4, 5, 6] } }));
  const where = { platform: "slack", account: "T1-U9", conversation: { channel: "C1", kind: "room" }, replyTo: place } as const;
  const id = press?.id ?? "";
  const pressed: MessagePressed = { v: 1, key: "p", ...where, by: ben, press: id, choice: 0, value: "3", via: "select", at: later };

  it("asks its run for what it means, under its own key", () => {
    const read = readPress(pressed, press);
    expect(read).toMatchObject({
      kind: "asks",
      ask: { kind: "answer", key: "p", run: "R1", task: "main", response: { n: "3" }, pressed: true },
    });
    const cancel = askFor({ kind: "cancel", run: "R1" }, { key: "p", by: ben, replyTo: place, at: later, given: {}, pressed: true });
    expect(cancel).toMatchObject({ kind: "cancel", run: "R1", asker: ben });
  });

  it("is refused where nobody knows it any more", () => {
    expect(readPress(pressed, undefined)).toMatchObject({ kind: "refused", problem: { code: "press_unknown" } });
    expect(readPress({ ...pressed, choice: 7 }, press)).toMatchObject({ kind: "refused", problem: { code: "press_unknown" } });
  });
});
