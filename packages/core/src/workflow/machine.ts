import type { EndStatus, TaskStatus, WorkflowStatus } from "./state.ts";

/** What a workflow's status hears of: a task that changed with how the rest stands, or what was asked. */
export type WorkflowHappening =
  | TaskHappening
  | `asked ${"pause" | "cancel"} ${Rest}`
  | "asked resume"
  | "asked resume, nothing left"
  | "fault";
type TaskHappening =
  | "task running"
  | "task resuming"
  | "task canceling"
  | `task ${"pending" | "paused" | "failed" | "canceled" | "retrying"} ${Rest}`
  | `task done ${Rest} ${Left}`;
/** Whether any task is active. */
type Rest = "active" | "dormant";
/** The first that is so: some task is canceled or about to be, some is paused or about to be, there is something to begin, there is nothing. */
export type Left = "canceled" | "paused" | "more" | "none";

type Changes<Status extends string, Happening extends string> = Readonly<Record<Status, Readonly<Partial<Record<Happening, Status>>>>>;

/** What is not listed changes nothing. */
export const workflowChanges: Changes<WorkflowStatus, WorkflowHappening> = {
  running: {
    "asked pause active": "pausing",
    "asked pause dormant": "paused",
    "asked cancel active": "canceling",
    "asked cancel dormant": "canceled",
    fault: "failed",
    "task pending active": "pausing",
    "task pending dormant": "paused",
    // One task may be paused while the others go on.
    "task paused dormant": "paused",
    "task done active canceled": "canceling",
    "task done active paused": "pausing",
    "task done dormant canceled": "canceled",
    "task done dormant paused": "paused",
    "task done dormant none": "succeeded",
    "task failed active": "failed",
    "task failed dormant": "failed",
    "task canceling": "canceling",
    "task canceled active": "canceling",
    "task canceled dormant": "canceled",
  },
  pausing: {
    "asked pause dormant": "paused",
    "asked cancel active": "canceling",
    "asked cancel dormant": "canceled",
    "asked resume": "resuming",
    fault: "failed",
    "task pending dormant": "paused",
    "task paused dormant": "paused",
    "task done active canceled": "canceling",
    "task done dormant canceled": "canceled",
    "task done dormant paused": "paused",
    "task done dormant more": "paused",
    "task done dormant none": "paused",
    "task failed active": "failed",
    "task failed dormant": "failed",
    "task canceling": "canceling",
    "task canceled active": "canceling",
    "task canceled dormant": "canceled",
    "task retrying dormant": "paused",
  },
  paused: {
    "asked resume": "resuming",
    "asked resume, nothing left": "succeeded",
    "asked cancel active": "canceling",
    "asked cancel dormant": "canceled",
    fault: "failed",
    "task running": "running",
    "task resuming": "running",
    // What was waiting may end although somebody asked for the pause.
    "task done dormant canceled": "canceled",
    "task failed active": "failed",
    "task failed dormant": "failed",
    "task canceled dormant": "canceled",
  },
  resuming: {
    "asked pause active": "pausing",
    "asked pause dormant": "paused",
    "asked cancel active": "canceling",
    "asked cancel dormant": "canceled",
    fault: "failed",
    "task running": "running",
    "task pending active": "pausing",
    "task pending dormant": "paused",
    "task done active more": "running",
    "task done active none": "running",
    "task done dormant more": "running",
    "task done dormant none": "succeeded",
    "task done dormant paused": "paused",
    "task done dormant canceled": "canceled",
    "task failed active": "failed",
    "task failed dormant": "failed",
    "task canceling": "canceling",
    "task canceled active": "canceling",
    "task canceled dormant": "canceled",
  },
  canceling: {
    "asked cancel dormant": "canceled",
    fault: "failed",
    "task pending dormant": "canceled",
    "task paused dormant": "canceled",
    "task done dormant canceled": "canceled",
    "task done dormant paused": "canceled",
    "task done dormant more": "canceled",
    "task done dormant none": "canceled",
    "task failed dormant": "canceled",
    "task canceled dormant": "canceled",
    "task retrying dormant": "canceled",
  },
  // Its output could not be made.
  succeeded: { fault: "failed" },
  failed: {},
  timeout: {},
  abandoned: {},
  canceled: {},
};

/** What an action reports of itself. */
export type Report = "running" | "pending" | "pausing" | "paused" | "resuming" | "canceling" | EndStatus;
/** With how the other items stand; a task without items has none. */
export type TaskHappeningOf = Report | `${Report} ${ItemsLeft}` | "again" | `asked ${"pause" | "cancel"} ${Rest}`;
/** Some other item is active; or else, the first that is so: one is paused, canceled, has failed, has not ended; all are done. */
export type ItemsLeft = "active" | "paused" | "canceled" | "failed" | "more" | "none";

const left = ["paused", "canceled", "failed", "more", "none"] as const;
const failures = ["failed", "timeout", "abandoned"] as const;

/** A task that runs, or is about to pause: however its last items end. */
const ending: Readonly<Partial<Record<TaskHappeningOf, TaskStatus>>> = {
  canceled: "canceled",
  ...all(["canceled"], left, "canceled"),
  failed: "failed",
  timeout: "failed",
  abandoned: "failed",
  ...all(failures, left, "failed"),
  ...all(failures, ["canceled"], "canceled"),
  ...all(["pending", "paused"], left, "paused"),
  ...all(["pending", "paused"], ["canceled"], "canceled"),
  ...all(["pending", "paused"], ["failed"], "failed"),
  "succeeded paused": "paused",
  "succeeded canceled": "canceled",
  "succeeded failed": "failed",
  "succeeded none": "succeeded",
};

/** What is not listed changes nothing: an item that fails while others are active waits for them. */
export const taskChanges: Changes<TaskStatus, TaskHappeningOf> = {
  running: {
    ...ending,
    pending: "pending",
    pausing: "pausing",
    paused: "paused",
    canceling: "canceling",
    succeeded: "succeeded",
    "pending active": "pausing",
    "paused active": "pausing",
    "canceled active": "canceling",
    "asked pause active": "pausing",
    "asked pause dormant": "paused",
    "asked cancel active": "canceling",
    "asked cancel dormant": "canceled",
  },
  pending: { canceled: "canceled", failed: "failed", timeout: "failed", abandoned: "failed", succeeded: "succeeded" },
  pausing: {
    ...ending,
    paused: "paused",
    resuming: "resuming",
    running: "running",
    canceling: "canceling",
    succeeded: "succeeded",
    "succeeded more": "paused",
    "asked cancel active": "canceling",
    "asked cancel dormant": "canceled",
  },
  paused: { running: "running", resuming: "resuming", canceling: "canceling", canceled: "canceled", "asked cancel dormant": "canceled" },
  resuming: { running: "running", canceling: "canceling", canceled: "canceled" },
  retrying: { running: "running", canceling: "canceling", canceled: "canceled" },
  canceling: {
    paused: "canceled",
    canceled: "canceled",
    failed: "failed",
    timeout: "failed",
    abandoned: "failed",
    succeeded: "succeeded",
    ...all(["pending", "paused", "canceled", ...failures, "succeeded"], left, "canceled"),
    "succeeded none": "succeeded",
  },
  succeeded: { again: "retrying" },
  failed: { again: "retrying" },
  timeout: {},
  abandoned: {},
  canceled: {},
};

function all<Status extends string>(
  reports: readonly Report[],
  rest: readonly ItemsLeft[],
  status: Status,
): Readonly<Partial<Record<TaskHappeningOf, Status>>> {
  return Object.fromEntries(reports.flatMap((report) => rest.map((of) => [`${report} ${of}`, status])));
}

const activeStatuses: ReadonlySet<string> = new Set(["running", "resuming", "pausing", "canceling"]);
const waitingStatuses: ReadonlySet<string> = new Set(["paused", "pending"]);
const endStatuses: ReadonlySet<string> = new Set(["succeeded", "failed", "timeout", "abandoned", "canceled"]);

export function isActive(status: TaskStatus | WorkflowStatus): boolean {
  return activeStatuses.has(status);
}

export function isWaiting(status: TaskStatus | WorkflowStatus): boolean {
  return waitingStatuses.has(status);
}

export function isEnded(status: TaskStatus | WorkflowStatus): status is EndStatus {
  return endStatuses.has(status);
}

export function isFailure(status: TaskStatus | WorkflowStatus): boolean {
  return status === "failed" || status === "timeout" || status === "abandoned";
}
