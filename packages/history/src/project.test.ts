import type { RunRecord } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { project } from "./project.ts";
import { begun, ended, recordOf } from "./testing.ts";

const [asked, finished] = recordOf({ number: 1, input: { text: "hi", key: { $sealed: { kid: "k", iv: "i", data: "d", tag: "t" } } } });

test.each<[what: string, record: RunRecord, rows: object | undefined]>([
  ["a message that led to an answer is no run", { ...asked, state: undefined }, undefined],
  ["what has no run's id is no run", { ...asked, run: "other" }, undefined],
  [
    "a run that was asked for",
    asked,
    {
      run: {
        status: "scheduled",
        revision: 1,
        input: '{"text":"hi","key":"[secret]"}',
        output: null,
        ended_at: null,
        ms: null,
        reply: null,
      },
      step: { event: "asked", status: "scheduled", commands: '[{"kind":"request","about":"core.echo, attempt 1, pool default"}]' },
    },
  ],
  [
    "who and where",
    asked,
    {
      run: {
        person: "slack:T1/U1",
        person_platform: "slack",
        person_space: "T1",
        person_id: "U1",
        person_name: "ana",
        room: "slack:T1/C1",
        platform: "slack",
        account: "A1",
        space: "T1",
        channel: "C1",
        thread: "7.1",
      },
    },
  ],
  ["the instance of the configuration that was named", withState(asked, { config: "work" }), { run: { config: "work" } }],
  [
    "its end: began when it had worked for so long",
    finished,
    {
      run: { status: "succeeded", output: '"said hi"', ended_at: ended, started_at: ended - 40, ms: 40, asked_at: begun, reply: "said hi" },
      step: { event: "finished", commands: '[{"kind":"send","about":"said hi"}]' },
    },
  ],
  [
    "a step of a workflow: what it was asked with, where the record has it whole, and what became of its tasks",
    workflowRecord({ kind: "whole", value: { tasks: {}, workflow: { task: mainOf(asked), catalog: {}, state: {} } } }),
    {
      run: { input: '{"text":"hi","key":"[secret]"}', parent: "PARENT" },
      step: { tasks: '[{"task":"0","name":"first","status":"running"}]' },
    },
  ],
  [
    "a run whose input is too large for its record",
    {
      ...withState(asked, { tasks: {} }),
      held: { kind: "whole", value: { tasks: { main: { ...mainOf(asked), input: { n: 1, text: null }, attempt: 2 } } } },
    },
    { run: { input: '{"n":1,"text":null}', attempts: 2 } },
  ],
  [
    "a step of a workflow whose record says only what changed",
    workflowRecord({ kind: "changes", from: 1, changes: [] }),
    { run: { input: "{}" } },
  ],
  [
    "a secret in the output",
    withState(finished, { output: { inline: { token: { $sealed: { kid: "k", iv: "i", data: "d", tag: "t" } } } } }),
    { run: { output: '{"token":"[secret]"}' } },
  ],
  [
    "an output that lies elsewhere",
    withState(finished, { output: { ref: { object: "abc", bytes: 99 } } }),
    { run: { output: null, output_object: "abc", output_bytes: 99 } },
  ],
  [
    "a failure",
    { ...finished, outcome: { status: "failed", problem: { code: "x", message: "It broke.", hint: "", retry: false } } },
    { run: { problem: '{"code":"x","message":"It broke.","hint":"","retry":false}', ms: null, started_at: null } },
  ],
  ["the attempt that counted", withState(finished, { attempt: 3 }), { run: { attempts: 3 }, step: { attempt: 3 } }],
])("%s", (_, record, rows) => {
  const projected = project({ record, sequence: 5 });
  if (rows === undefined) expect(projected).toBeUndefined();
  else expect(projected).toMatchObject(rows);
});

test("a long reply is cut, also between the halves of a character", () => {
  const [, long] = recordOf({ number: 1, reply: `${"x".repeat(3_998)}😀 and more` });
  const reply = project({ record: long, sequence: 1 })?.run.reply;
  expect(reply).toHaveLength(4_000);
  expect(reply?.isWellFormed()).toBe(true);
});

/** With another state; `attempt` and `config` are the task's. */
function mainOf({ state }: RunRecord) {
  const main = state?.tasks["main"];
  if (main === undefined) throw new Error("it has a task");
  return main;
}

function workflowRecord(held: NonNullable<RunRecord["held"]>): RunRecord {
  const record = withState(asked, { parent: { run: "PARENT", task: "0", attempt: 1, catalog: {} } });
  const { state } = record;
  const progress = [{ task: "0", name: "first", status: "running" }];
  return { ...record, v: 2, held, progress, ...(state === undefined ? {} : { state: { ...state, tasks: {} } }) };
}

function withState(
  record: RunRecord,
  { attempt, config, ...more }: Partial<NonNullable<RunRecord["state"]>> & { attempt?: number; config?: string },
): RunRecord {
  const { state } = record;
  if (state === undefined) throw new Error("it has one");
  const main = state.tasks["main"];
  const changed = { ...(attempt === undefined ? {} : { attempt }), ...(config === undefined ? {} : { config }) };
  const tasks = main === undefined ? state.tasks : { main: { ...main, ...changed } };
  return { ...record, state: { ...state, ...more, tasks } };
}
