import { describe, expect, test } from "vitest";
import { conduct } from "./conduct.ts";
import { compileWorkflow } from "./definition.ts";
import type { WorkflowCommand, WorkflowEvent } from "./event.ts";
import { rehearse, type Script } from "./rehearse.ts";
import type { WorkflowState } from "./state.ts";

const at = "2026-01-01T00:00:00.000Z";
const failed = { status: "failed", result: "boom" } as const;
const hangs = { status: "hangs" } as const;

/** Status and tasks, by what the script says. */
function played(
  document: Record<string, unknown>,
  script: Script = {},
): { readonly status: string; readonly tasks: readonly string[]; readonly said: readonly string[] } {
  const { status, calls, errors } = rehearse(compileWorkflow(document), script);
  return { status, tasks: calls.map(({ task }) => task), said: errors.map(({ message }) => message) };
}

describe("time-outs", () => {
  test("a task that takes longer than its timeout is canceled, and what cares for its failure goes on", () => {
    const tasks = {
      slow: { action: "demo.slow", timeout: "<% ctx().limit %>", next: [{ when: "<% failed() %>", do: "after" }] },
      after: { action: "demo.after" },
    };
    expect(played({ vars: [{ limit: 5 }], tasks }, { results: { slow: [hangs] } })).toEqual({
      status: "succeeded",
      tasks: ["slow", "after"],
      said: ["The task took longer than its timeout."],
    });
  });

  test("a try that takes longer than the timeout is tried again, and the next one has all of it", () => {
    const tasks = { slow: { action: "demo.slow", timeout: 5, retry: { count: 1 } } };
    expect(played({ tasks }, { results: { slow: [hangs, { status: "succeeded" }] } })).toMatchObject({
      status: "succeeded",
      tasks: ["slow", "slow"],
    });
  });

  test("no item begins once the time of its task is over", () => {
    const tasks = { each: { with: { items: "<% [1, 2, 3] %>", concurrency: 1 }, action: "demo.one", timeout: 5 } };
    expect(played({ tasks }, { results: { each: [hangs] } })).toMatchObject({ status: "failed", tasks: ["each"] });
  });

  test("a workflow that takes longer than its timeout ends so, when what ran has been canceled", () => {
    const tasks = { a: { action: "demo.a", next: [{ do: "b" }] }, b: { action: "demo.b", next: [{ do: "c" }] }, c: { action: "demo.c" } };
    expect(played({ timeout: 60, tasks }, { results: { b: [hangs] } })).toEqual({
      status: "timeout",
      tasks: ["a", "b"],
      said: ["The workflow took longer than its timeout."],
    });
  });
});

describe("cleaning up", () => {
  const tasks = {
    make: { action: "demo.make", next: [{ when: "<% succeeded() %>", publish: [{ id: "<% result() %>" }], do: "use" }] },
    use: { action: "demo.use" },
    remove: { action: "demo.remove", input: { id: "<% ctx().id %>" }, next: [{ do: "tell" }] },
    tell: { action: "demo.tell" },
  };
  const results = { make: [{ status: "succeeded", result: "m1" } as const] };

  test("tasks of on_failure run once it has failed, see what was published, and lead on; it stays failed", () => {
    const { status, calls } = rehearse(compileWorkflow({ on_failure: "remove", tasks }), { results: { ...results, use: [failed] } });
    expect(status).toBe("failed");
    expect(calls.map(({ task }) => task)).toEqual(["make", "use", "remove", "tell"]);
    expect(calls[2]?.input).toEqual({ id: "m1" });
  });

  test("tasks of on_cancel run once all is canceled, and it stays canceled, also where they fail", () => {
    const document = { on_cancel: ["remove"], on_failure: ["tell"], tasks };
    const script: Script = { results: { ...results, use: [hangs], remove: [failed] }, asks: [{ after: 2, ask: "cancel" }] };
    expect(played(document, script)).toMatchObject({ status: "canceled", tasks: ["make", "use", "remove", "tell"] });
  });

  test("what they publish is seen by the output", () => {
    const document = {
      on_failure: "undo",
      vars: [{ note: "nothing" }],
      output: [{ note: "<% ctx(note) %>" }],
      tasks: { use: { action: "demo.use" }, undo: { action: "demo.undo", next: [{ publish: [{ note: "<% result() %>" }] }] } },
    };
    const script: Script = { results: { use: [failed], undo: [{ result: "undone" }] } };
    expect(rehearse(compileWorkflow(document), script)).toMatchObject({ status: "failed", output: { note: "undone" } });
  });

  test("they run for nothing where all went well", () => {
    expect(played({ on_failure: "remove", on_cancel: "tell", tasks }, { results })).toEqual({
      status: "succeeded",
      tasks: ["make", "use"],
      said: [],
    });
  });

  test("one that can't be told what to do is an error of its own, and the others run", () => {
    const document = { on_failure: "remove, say", tasks: { ...tasks, say: { action: "demo.say" } } };
    const { status, tasks: ran, said } = played(document, { results: { make: [failed] } });
    expect({ status, ran }).toEqual({ status: "failed", ran: ["make", "say"] });
    expect(said[1]).toContain("id");
  });
});

describe("waiting", () => {
  const tasks = {
    ask: { action: "core.ask", next: [{ do: "asked" }] },
    asked: { action: "demo.asked" },
    other: { action: "demo.other", next: [{ do: "more" }] },
    more: { action: "demo.more" },
  };
  const results = { ask: [{ status: "pending" } as const] };

  test("a task that waits for an answer holds all others, as in the original", () => {
    expect(played({ tasks }, { results })).toMatchObject({ status: "paused", tasks: ["ask", "other"] });
  });

  test("with `pause: branch` it holds only what comes after it", () => {
    expect(played({ pause: "branch", tasks }, { results })).toMatchObject({ status: "paused", tasks: ["ask", "other", "more"] });
  });

  test.each([
    ["its answer takes the workflow on", [], "succeeded"],
    ["but not out of a pause that somebody asked for", [{ kind: "asked", what: "pause" }] as const, "paused"],
  ])("%s", (_name, between, status) => {
    const document = { tasks: { ask: tasks.ask, asked: tasks.asked } };
    const play = new Play(document);
    play.hear({ kind: "moved", key: "0", attempt: 1, status: "pending" });
    expect(play.state.status).toBe("paused");
    for (const event of between) play.hear(event);
    play.hear({ kind: "finished", key: "0", attempt: 1, status: "succeeded", result: null });
    play.finishAll();
    expect(play.state.status).toBe(status);
  });

  test("what waits and is canceled ends when it has said so", () => {
    const play = new Play({ tasks: { ask: tasks.ask, asked: tasks.asked } });
    play.hear({ kind: "moved", key: "0", attempt: 1, status: "pending" });
    expect(play.hear({ kind: "asked", what: "cancel" })).toEqual([{ kind: "cancel", key: "0", attempt: 1 }]);
    expect(play.hear({ kind: "finished", key: "0", attempt: 1, status: "canceled", result: null })).toMatchObject([
      { kind: "end", status: "canceled" },
    ]);
  });
});

describe("again", () => {
  const tasks = {
    a: { action: "demo.a", next: [{ when: "<% succeeded() %>", do: "each" }] },
    each: {
      with: "<% [1, 2, 3] %>",
      action: "demo.each",
      input: { n: "<% item() %>" },
      next: [{ when: "<% succeeded() %>", publish: [{ all: "<% result() %>" }], do: "z" }],
    },
    z: { action: "demo.z" },
  };
  const document = { tasks, output: [{ all: "<% ctx().all %>" }] };
  const brokenOnce = { "0": "succeeded", "1.1": "failed" } as const;

  test("it goes on from the task that failed last, with the items that failed", () => {
    const play = new Play(document);
    play.finishAll(brokenOnce);
    expect(play.state.status).toBe("failed");
    const before = play.runs.length;
    play.hear({ kind: "again" });
    play.finishAll();
    expect(play.runs.slice(before).map(({ task, item }) => ({ task, item }))).toEqual([{ task: "each", item: 1 }, { task: "z" }]);
    expect(play.state).toMatchObject({
      status: "succeeded",
      errors: [],
      output: { all: ["1.0", "1.1", "1.2"].map((_key, place) => (place === 1 ? "2.1" : `1.${place}`)) },
    });
  });

  test("with reset all items run again", () => {
    const play = new Play(document);
    play.finishAll(brokenOnce);
    const before = play.runs.length;
    play.hear({ kind: "again", tasks: [{ task: "each", reset: true }] });
    play.finishAll();
    expect(play.runs.slice(before)).toHaveLength(4);
    expect(play.state.status).toBe("succeeded");
  });

  test("of tasks that come after each other the first is enough", () => {
    const play = new Play(document);
    play.finishAll();
    const before = play.runs.length;
    play.hear({ kind: "again", tasks: [{ task: "z" }, { task: "a" }, { task: "a" }] });
    play.finishAll();
    expect(play.runs.slice(before).map(({ task }) => task)).toEqual(["a", "each", "each", "each", "z"]);
  });

  test("what was canceled goes on where it was, also between two items", () => {
    const play = new Play({
      tasks: { each: { with: { items: "<% [1, 2] %>", concurrency: 1 }, action: "demo.each", next: [{ do: "z" }] }, z: tasks.z },
    });
    play.hear({ kind: "asked", what: "cancel" });
    play.hear({ kind: "finished", key: "0.0", attempt: 1, status: "canceled", result: null });
    expect(play.state).toMatchObject({ status: "canceled", out: 0 });
    const before = play.runs.length;
    play.hear({ kind: "again" });
    play.finishAll();
    expect(play.runs.slice(before).map(({ task, item }) => ({ task, item }))).toEqual([
      { task: "each", item: 0 },
      { task: "each", item: 1 },
      { task: "z" },
    ]);
    expect(play.state.status).toBe("succeeded");
  });

  test.each([
    ["what has not ended", false, undefined, "has not ended"],
    ["a task that has not run", true, [{ task: "nobody" }], "nobody has not run"],
    ["where nothing failed, no task", true, undefined, "name the tasks"],
  ] as const)("it refuses %s, and says so", (_name, ends, again, words) => {
    const play = new Play(document);
    if (ends) play.finishAll();
    const { state, refused, commands } = conduct(play.workflow, play.state, {
      kind: "again",
      at,
      ...(again === undefined ? {} : { tasks: again }),
    });
    expect(refused).toContain(words);
    expect({ state, commands }).toEqual({ state: play.state, commands: [] });
  });
});

describe("what is out", () => {
  const tasks = {
    each: { with: "<% range(10).toList() %>", action: "demo.each", input: { n: "<% item() %>" }, next: [{ do: "after" }] },
    after: { action: "demo.after" },
  };

  test("is never more than `atOnce`, and nothing is left over", () => {
    const play = new Play({ tasks }, { atOnce: 3 });
    expect(play.runs).toHaveLength(3);
    play.finishAll();
    expect(play.most).toBe(3);
    expect(play.state.status).toBe("succeeded");
    expect(play.runs).toHaveLength(11);
  });

  test("and what is not changes nothing: an attempt that was, a task that there is not, a timer that is late", () => {
    const play = new Play({ tasks: { a: { action: "demo.a", retry: { count: 1 } } } });
    play.hear({ kind: "finished", key: "0", attempt: 1, status: "failed", result: null });
    const { state } = play;
    for (const event of [
      { kind: "finished", key: "0", attempt: 1, status: "succeeded", result: null },
      { kind: "finished", key: "7", attempt: 1, status: "succeeded", result: null },
      { kind: "finished", key: "0.1", attempt: 2, status: "succeeded", result: null },
      { kind: "due", timer: "timeout.0.1" },
    ] as const)
      expect(conduct(play.workflow, state, { ...event, at })).toEqual({ state, commands: [] });
  });

  test.each([
    ["begins nothing", 500, [0, "failed"]],
    ["of a very long list fails it when its turn comes", 1500, [3, "running"]],
  ])("an item that can't be told %s", (_name, bad, begun) => {
    const play = new Play(
      { tasks: { each: { with: "<% range(2000).toList() %>", action: "demo.each", input: { n: `<% 1 / (${bad} - item()) %>` } } } },
      { atOnce: 3 },
    );
    expect([play.runs.length, play.state.status]).toEqual(begun);
    play.finishAll();
    expect(play.state.status).toBe("failed");
  });

  test("what failed is compared with what failed before, and read no more often for that", () => {
    const play = new Play({ tasks: { each: { with: "<% range(100).toList() %>", action: "demo.each" } } });
    let reads = 0;
    for (const { key, attempt, item } of play.runs) {
      const result = {
        get why() {
          reads += 1;
          return `boom ${item}`;
        },
      };
      play.hear({ kind: "finished", key, attempt, status: "failed", result });
    }
    expect([play.state.status, play.state.errors.length]).toEqual(["failed", 100]);
    expect(reads).toBeLessThan(1000);
  });

  test("a result with an expression in it is data", () => {
    const { output } = rehearse(
      compileWorkflow({
        tasks: { a: { action: "demo.a", next: [{ publish: [{ said: "<% result() %>" }] }] } },
        output: [{ said: "<% ctx().said %>" }],
      }),
      { results: { a: [{ result: "<% 1 + 1 %>" }] } },
    );
    expect(output).toEqual({ said: "<% 1 + 1 %>" });
  });
});

describe("a circle of tasks that have nothing to do", () => {
  const circle = (when: string) => ({
    vars: [{ n: 0 }],
    tasks: { first: { next: [{ do: "round" }] }, round: { next: [{ when, publish: [{ n: "<% ctx().n + 1 %>" }], do: "round" }] } },
    output: [{ n: "<% ctx().n %>" }],
  });

  test("is many steps with rests between them, in which it can be canceled", () => {
    const play = new Play(circle("<% true %>"));
    expect(play.state.status).toBe("running");
    const before = play.state.sequence.length;
    const [rest] = play.hear({ kind: "due", timer: "rest.1" });
    expect(rest).toEqual({ kind: "timer", name: "rest.2", afterMs: 0 });
    expect(play.state.sequence.length).toBeGreaterThan(before);
    // One that fires twice is no second circle.
    expect(play.hear({ kind: "due", timer: "rest.1" })).toEqual([]);
    expect(play.hear({ kind: "asked", what: "cancel" })).toMatchObject([{ kind: "end", status: "canceled" }]);
    expect(play.hear({ kind: "due", timer: "rest.2" })).toEqual([]);
  });

  test("that ends, ends", () => {
    expect(rehearse(compileWorkflow(circle("<% ctx().n < 500 %>")), {})).toMatchObject({ status: "succeeded", output: { n: 500 } });
  });

  test("that never ends is told by a rehearsal", () => {
    const { status, endless } = rehearse(compileWorkflow({ tasks: { first: { next: [{ do: "a" }] }, a: { next: [{ do: "a" }] } } }), {});
    expect({ status, endless }).toEqual({ status: "running", endless: true });
  });

  test("also where it is a task that is tried again and again", () => {
    const play = new Play({ tasks: { a: { retry: { count: 1_000_000, when: "<% true %>" } } } });
    expect([play.state.status, play.hear({ kind: "due", timer: "rest.1" })]).toMatchObject(["running", [{ name: "rest.2" }]]);
  });

  test("that pauses goes on when it is resumed", () => {
    const play = new Play(circle("<% true %>"));
    play.hear({ kind: "asked", what: "pause" });
    expect([play.state.status, play.hear({ kind: "due", timer: "rest.1" })]).toEqual(["paused", []]);
    expect([play.hear({ kind: "asked", what: "resume" }), play.state.status]).toMatchObject([[{ name: "rest.2" }], expect.any(String)]);
  });

  test("that cleans up is done before it ends", () => {
    const tasks = { a: { action: "demo.a" }, ...circle("<% ctx().n < 200 %>").tasks };
    const play = new Play({ on_failure: "first", vars: [{ n: 0 }], tasks });
    expect(play.runs.map(({ task }) => task)).toEqual(["a"]);
    const wants = play.hear({ kind: "finished", key: "0", attempt: 1, status: "failed", result: null });
    expect(wants).toEqual([{ kind: "timer", name: "rest.1", afterMs: 0 }]);
    let last = wants;
    for (let rest = 1; last[0]?.kind === "timer"; rest += 1) last = play.hear({ kind: "due", timer: `rest.${rest}` });
    expect(last).toMatchObject([{ kind: "end", status: "failed" }]);
  });
});

type Without<Event> = Event extends unknown ? Omit<Event, "at"> : never;
type Run = Extract<WorkflowCommand, { kind: "run" }>;

/** A run of a workflow whose actions end when a test says so; their results are their keys. */
class Play {
  readonly workflow;
  readonly runs: Run[] = [];
  state: WorkflowState;
  most = 0;
  #out: Run[] = [];

  constructor(document: Record<string, unknown>, begin: { readonly atOnce?: number } = {}) {
    this.workflow = compileWorkflow(document);
    const { state, commands } = conduct(this.workflow, undefined, { kind: "begin", at, input: {}, ...begin });
    this.state = state;
    this.#take(commands);
  }

  hear(event: Without<WorkflowEvent>): readonly WorkflowCommand[] {
    const { state, commands } = conduct(this.workflow, this.state, { ...event, at });
    this.state = state;
    if (event.kind === "finished") this.#out = this.#out.filter(({ key }) => key !== event.key);
    this.#take(commands);
    return commands;
  }

  /** Oldest first, until nothing is out. */
  finishAll(statuses: Readonly<Record<string, "succeeded" | "failed">> = {}): void {
    for (let [next] = this.#out; next !== undefined; [next] = this.#out) {
      const { key, attempt } = next;
      this.hear({ kind: "finished", key, attempt, status: statuses[key] ?? "succeeded", result: key });
    }
  }

  #take(commands: readonly WorkflowCommand[]): void {
    const runs = commands.filter((command) => command.kind === "run");
    this.runs.push(...runs);
    this.#out.push(...runs);
    this.most = Math.max(this.most, this.#out.length);
  }
}
