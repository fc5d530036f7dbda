import { TriggerDefinition, type Command, type Run } from "@bellhop/contracts";
import { describe, expect, test } from "vitest";
import { fires, firingOf } from "./firing.ts";
import { inTraceOf } from "./in-trace.ts";

const run = { id: "R1", answers: "event/E1/demo.rule", depth: 2 } as Run;
const at = { run, key: "R1/main/1", at: "2026-11-22T12:00:00.000Z" };

test.each<[string, Record<string, unknown>, string]>([
  ["what is no trigger", { trigger: "alert" }, "PACK.TRIGGER"],
  ["a key that is a document", { trigger: "a.b", key: "x".repeat(501) }, "500 at most"],
])("%s is refused", (_, input, why) => {
  const read = firingOf({ action: "core.inject_trigger", input });
  expect(read.kind === "refused" ? read.problem.hint : "").toContain(why);
});

describe("what is said of a trigger that has a schema", () => {
  const source = { file: "triggers/alert.yaml", line: 4, column: 1 };
  const payload = { type: "object", properties: { host: { type: "string", required: true } } };
  const alert = TriggerDefinition.parse({ ref: "demo.alert", pack: "demo", name: "alert", payload, source });
  const read = (input: Record<string, unknown>, triggers: readonly TriggerDefinition[] = [alert]) =>
    firingOf({ action: "core.inject_trigger", input, triggers: new Map(triggers.map((one) => [one.ref, one])) });

  test.each<[string, Record<string, unknown>]>([
    ["a field that is something else", { trigger: "demo.alert", payload: { host: 5 } }],
    ["a field that is missing", { trigger: "demo.alert", payload: {} }],
    ["no payload", { trigger: "demo.alert" }],
    ["a list", { trigger: "demo.alert", payload: ["db1"] }],
  ])("%s is refused, with the place of the schema", (_, input) => {
    const refused = read(input);
    if (refused.kind !== "refused") throw new Error("it was taken");
    expect(refused.problem.data).toMatchObject({ code: "payload_unfit", retry: false });
    expect(refused.problem.message).toContain("does not fit demo.alert: payload");
    expect(refused.problem.hint).toContain("demo/triggers/alert.yaml:4");
  });

  test("what fits is fired, and what nobody declared or holds against anything, too", () => {
    expect(read({ trigger: "demo.alert", payload: { host: "db1", more: 1 } }).kind).toBe("ok");
    expect(read({ trigger: "demo.other", payload: { host: 5 } }).kind).toBe("ok");
    expect(read({ trigger: "demo.alert", payload: { host: 5 } }, []).kind).toBe("ok");
  });
});

test("what happens under a key happens once; without one, once for each attempt", () => {
  const named = fires({ ...at, firing: { trigger: "a.b", payload: { x: 1 }, key: "k" } });
  expect(named.command).toMatchObject({
    kind: "fire",
    comesAgain: true,
    event: { key: "fire/key/k", depth: 2, source: { kind: "run", name: "R1" } },
  });
  expect(named.output).toEqual({ trigger: "a.b", payload: { x: 1 }, key: "k" });
  const own = fires({ ...at, firing: { trigger: "a.b", payload: {}, tag: "t" } });
  expect(own.command).not.toHaveProperty("comesAgain");
  expect(own.command).toMatchObject({ event: { key: "fire/R1/main/1", tag: "t" } });
});

test("what a run asks for, fires and says of itself is in its trace; who asked something else keeps theirs", () => {
  const send = (answers?: string) => ({ kind: "send", send: { key: "s", ...(answers === undefined ? {} : { answers }) } }) as Command;
  const ask = { kind: "ask", ask: { kind: "start", key: "R1/t/1" } } as Command;
  const request = { kind: "request", request: { trace: "x" } } as Command;
  const { command: fire } = fires({ ...at, firing: { trigger: "a.b", payload: {} } });
  const tracesOf = (of: Pick<Run, "answers" | "trace">) =>
    inTraceOf(of, [send(run.answers), send("slack/A1/T1/C1/9"), send(), ask, request, fire]).map((command) => {
      if (command.kind === "send") return command.send.trace;
      if (command.kind === "request") return command.request.trace;
      if (command.kind === "ask" && command.ask.kind !== "gate") return command.ask.trace;
      return command.kind === "fire" ? command.event.trace : undefined;
    });
  expect(tracesOf({ answers: run.answers, trace: "T" })).toEqual(["T", undefined, "T", "T", "T", "T"]);
  const [own, other, said, asked, requested, fired] = tracesOf(run);
  expect([own, other, requested]).toEqual([undefined, undefined, "x"]);
  expect(new Set([said, asked, fired]).size).toBe(1);
  expect(said).toMatch(/^[0-9a-f]{32}$/);
});
