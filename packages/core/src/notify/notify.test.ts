import type { Address, KvRecord, Notify, Outcome, Run } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import type { Datastore } from "../kv/names.ts";
import { compileWorkflow } from "../workflow/definition.ts";
import { noticesOf, notifyTrigger, type Ended } from "./notices.ts";
import { taskNotify } from "./of-task.ts";
import { notifyOf } from "./read.ts";

const here: Address = { platform: "slack", account: "T1-U9", space: "T1", channel: "C1", thread: "1.1", message: "1.2" };
const rooms = new Map([["ops", [{ room: "slack:T1/C9" }, { room: "matrix:!ops:example.org" }]]]);
const senders = [{ platform: "slack", account: "T1-U9" }];
const run = {
  id: "R1",
  replyTo: here,
  askedAt: "2026-01-01T00:00:00.000Z",
  asker: { platform: "slack", id: "U1", name: "ana", kind: "human" },
} as Run;

function told(notify: Notify, outcome: Partial<Outcome>, more: Partial<Ended> & { waits?: boolean; of?: Run } = {}) {
  const { waits = false, of = run, ...ended } = more;
  const matrix = { platform: "matrix", account: "@b:example.org" };
  return noticesOf({
    notify,
    run: of,
    ended: { action: "deploy.app", input: { app: "web", token: "x" }, outcome: { status: "succeeded", ...outcome }, ...ended },
    at: "2026-01-01T00:01:00.000Z",
    telling: { places: { rooms, senders: [...senders, matrix] }, waitsFor: () => waits, kindOf: () => "typescript" },
  });
}

const said = ({ commands }: ReturnType<typeof told>) =>
  commands.flatMap((command) =>
    command.kind === "send" ? [[command.send.to.channel, command.send.body.text, command.send.body.tone]] : [],
  );

const everybody: Notify = {
  complete: { routes: ["here"] },
  success: { routes: ["slack:T1/C2"] },
  failure: { routes: ["slack:T1/C3"], message: "{{ action_parameters.app }}: {{ why }}" },
  cancel: { routes: ["slack:T1/C4"], message: "{{ status }}: {{ why }}" },
};
const problem = { code: "policy_refused", message: "It healed at 9:00.", hint: "", retry: false } as const;

describe("whoever is told of an end", () => {
  it.each<[Outcome["status"], string[][]]>([
    [
      "succeeded",
      [
        ["C1", "Action deploy.app completed.", "ok"],
        ["C2", "Action deploy.app succeeded.", "ok"],
      ],
    ],
    ...(["failed", "timeout", "abandoned"] as const).map((status): [Outcome["status"], string[][]] => [
      status,
      [
        ["C1", "Action deploy.app completed.", "error"],
        ["C3", "web: It healed at 9:00.", "error"],
      ],
    ]),
    [
      "canceled",
      [
        ["C1", "Action deploy.app completed.", "warn"],
        ["C4", "canceled: It healed at 9:00.", "warn"],
      ],
    ],
  ])("that is %s, hears it there", (status, expected) => {
    expect(said(told(everybody, { status, problem }))).toEqual(expected);
  });

  it("hears it in each room of a name, with what is beside the words; once, under one key", () => {
    const notify = {
      complete: {
        routes: ["ops"],
        message: "Done: {{ action_results.url }}",
        data: { extra: { cards: { title: "{{ action_context.user }}" } } },
      },
    };
    const first = told(notify, {}, { output: { url: "http://x" } });
    expect(said(first).map(([channel, text]) => [channel, text])).toEqual([
      ["C9", "Done: http://x"],
      ["!ops:example.org", "Done: http://x"],
    ]);
    const [send] = first.commands;
    expect(send).toMatchObject({ send: { revision: 1, final: true, body: { cards: [{ title: "ana" }] } } });
    expect(told(notify, {}, { output: { url: "http://x" } })).toEqual(first);
    expect(send?.kind === "send" && send.send).not.toHaveProperty("answers");
  });

  it("hears it all the same where its words can't be filled in", () => {
    expect(said(told({ complete: { routes: ["here"], message: "{{ 1 / 0 }}" } }, {}))).toEqual([
      ["C1", "Action deploy.app completed.", "ok"],
    ]);
  });

  it("is a rule where the route is no room, and in rooms besides, if one waits", () => {
    const { commands } = told(
      { complete: { routes: ["hubot", "here"], data: { channel: "{{ status }}" } } },
      {},
      { waits: true, output: { a: 1 } },
    );
    const fired = commands.flatMap((command) => (command.kind === "fire" ? [command.event] : []));
    expect(fired.map(({ key }) => key)).toEqual(["R1/notify/complete/0", "R1/notify/complete/1"]);
    expect(fired[0]).toMatchObject({
      trigger: notifyTrigger,
      source: { kind: "run", name: "R1" },
      payload: {
        inline: {
          execution_id: "R1",
          status: "succeeded",
          start_timestamp: "2026-01-01T00:00:00.000Z",
          end_timestamp: "2026-01-01T00:01:00.000Z",
          action_ref: "deploy.app",
          runner_ref: "typescript",
          route: "hubot",
          channel: "hubot",
          message: "Action deploy.app completed.",
          data: { channel: "succeeded", result: '{"a":1}' },
        },
      },
    });
    expect(commands.filter(({ kind }) => kind === "send")).toHaveLength(1);
  });

  it("is told of large results by reference", () => {
    const { commands, kept } = told({ complete: { routes: ["x"] } }, {}, { waits: true, output: "x".repeat(10_000) });
    expect(kept).toHaveLength(1);
    expect(commands).toMatchObject([{ event: { payload: { ref: { object: kept[0]?.object } } } }]);
  });

  it("is told once in a room that several routes name, and a route that is nobody's is known", () => {
    expect(said(told({ complete: { routes: ["slack:T1/C9", "ops"] } }, {})).map(([room]) => room)).toEqual(["C9", "!ops:example.org"]);
    const routes = { complete: { routes: ["opss"] } };
    expect(told(routes, {}).unsaid).toMatchObject([{ route: "opss", problem: { code: "room_unknown" } }]);
    expect(told(routes, {}, { waits: true })).toMatchObject({ unsaid: [], commands: [{ kind: "fire" }] });
  });

  it("is nobody where nobody sends; which room that is, is known", () => {
    const { commands, unsaid } = told({ complete: { routes: ["discord:1/20000"] } }, {});
    expect([commands, unsaid]).toMatchObject([[], [{ route: "discord:1/20000", problem: { code: "sender_missing" } }]]);
  });

  it("hears what the datastore has, but none of its secrets", () => {
    const kept: Record<string, KvRecord["value"]> = { team: "the night shift", pin: { $sealed: "x", key: "k" } };
    const datastore: Datastore = {
      find: ({ scope, name }) =>
        scope === "system" && name in kept ? { value: kept[name], ...(name === "pin" ? { secret: true } : {}) } : undefined,
      leadsOn: () => false,
      open: () => "1234",
    };
    const told = (message: string) =>
      said(
        noticesOf({
          notify: { complete: { routes: ["here"], message } },
          run,
          ended: { action: "deploy.app", input: {}, outcome: { status: "succeeded" } },
          at: "2026-01-01T00:01:00.000Z",
          telling: { places: {}, datastore, waitsFor: () => false, kindOf: () => undefined },
        }),
      )[0]?.[1];
    expect(told("Ask {{ st2kv.system.team }}.")).toBe("Ask the night shift.");
    expect(told("{{ st2kv.system.pin | decrypt_kv }}")).toBe("Action deploy.app completed.");
  });

  it("is not 'here' where a rule asked", () => {
    const asked = { ...run, replyTo: { platform: "rule", account: "p.r", channel: "p.r" } };
    expect(told({ complete: { routes: ["here"] } }, {}, { of: asked })).toMatchObject({ commands: [], unsaid: [] });
  });
});

it.each<[string, unknown, Notify | undefined]>([
  ["StackStorm's words", { "on-complete": { routes: ["a"], message: "m" } }, { complete: { routes: ["a"], message: "m" } }],
  ["its older ones", { "on-success": { channels: ["a"] } }, { success: { routes: ["a"] } }],
  ["our own", { "on-cancel": { routes: ["a"], data: { x: 1 } } }, { cancel: { routes: ["a"], data: { x: 1 } } }],
  ["one that is told nowhere", { "on-failure": { message: "m", routes: [] } }, undefined],
  ["nothing", undefined, undefined],
  ["what is none", "ops", undefined],
])("%s", (_, given, notify) => {
  expect(notifyOf(given)).toEqual(notify);
});

describe("of a workflow's task is told whom", () => {
  const [of, own, node] = [{ complete: { routes: ["of"] } }, { complete: { routes: ["own"] } }, { "on-complete": { routes: ["node"] } }];
  const tasks = { a: { action: "core.noop", next: [{ do: "b" }] }, b: { action: "core.noop" } };
  const flow = compileWorkflow({ version: "1.0", tasks });
  const chain = compileWorkflow({
    chain: [
      { name: "a", ref: "core.noop", "on-success": "b", notify: node },
      { name: "b", ref: "core.noop" },
    ],
  });
  const parent = (input: Record<string, unknown>, notify: Notify | undefined = of) =>
    ({ action: "p.w", digest: "", pool: "", input, timeoutMs: 1, repeatable: false, attempt: 1, ...(notify && { notify }) }) as const;

  it.each<[string, Parameters<typeof taskNotify>[0], string | undefined]>([
    ["nobody, where the workflow does not name it", { workflow: flow, parent: parent({ notify: ["b"] }), task: "a", own }, undefined],
    ["whom the workflow tells, where it names it", { workflow: flow, parent: parent({ notify: ["a"] }), task: "a", own }, "of"],
    ["whom the chain's task says", { workflow: chain, parent: parent({}), task: "a", own }, "node"],
    ["whom the chain tells", { workflow: chain, parent: parent({}), task: "b", own }, "of"],
    ["nobody, where the chain leaves it out", { workflow: chain, parent: parent({ skip_notify: ["a"] }), task: "a", own }, undefined],
  ])("%s", (_, at, route) => {
    expect(taskNotify(at)?.complete?.routes[0]).toBe(route);
  });

  it("whom its action says, where nobody else does", () => {
    const alone = { ...parent({}), notify: undefined };
    const { notify: _, ...quiet } = alone;
    expect(taskNotify({ workflow: chain, parent: quiet, task: "b", own })).toBe(own);
  });
});
