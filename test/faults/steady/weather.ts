import { setTimeout as pause } from "node:timers/promises";
import type { PartName } from "../../stage.ts";
import type { Team } from "../../team.ts";

type Strike = { kind: "kill" | "stop"; part: PartName | "nats" } | { kind: "drop" };

/** While it warms up everything is killed and stopped once. After that what is watched for growth lives on, and its neighbours come and go. */
const early: readonly Strike[] = [
  { kind: "kill", part: "slack-1" },
  { kind: "kill", part: "engine-1" },
  { kind: "kill", part: "runner-1" },
  { kind: "kill", part: "nats" },
  { kind: "kill", part: "discord-1" },
  { kind: "kill", part: "matrix-1" },
  { kind: "stop", part: "engine-1" },
  { kind: "stop", part: "runner-1" },
  { kind: "stop", part: "slack-1" },
  { kind: "stop", part: "discord-1" },
  { kind: "stop", part: "matrix-1" },
];
const late: readonly Strike[] = [
  { kind: "kill", part: "engine-2" },
  { kind: "stop", part: "runner-2" },
  { kind: "drop" },
  { kind: "kill", part: "runner-2" },
  { kind: "stop", part: "engine-2" },
];
const absenceMs = 2_000;

/** The strikes of a run, and when each comes, in seconds: the early ones within the first quarter, the last one a tenth before the end. */
export function forecast(seconds: number): { at: number; strike: Strike }[] {
  const quarter = seconds / 4;
  const rest = seconds * 0.9 - quarter;
  // One in two minutes; in a short run each of them once.
  const count = Math.max(late.length, Math.floor(rest / 120));
  return [
    ...early.map((strike, index) => ({ at: (quarter * (index + 1)) / early.length, strike })),
    ...Array.from({ length: count }, (_, index) => late[index % late.length]).flatMap((strike, index) =>
      strike === undefined ? [] : [{ at: quarter + (rest * (index + 1)) / count, strike }],
    ),
  ];
}

export async function hit({ stage, chats }: Team, strike: Strike): Promise<void> {
  if (strike.kind === "drop") {
    for (const chat of chats) chat.faults.dropConnections();
  } else if (strike.part === "nats") {
    await stage.nats.kill9();
    await pause(absenceMs);
    await stage.nats.restart();
  } else {
    await stage[strike.kind](strike.part);
    await pause(absenceMs);
    stage.start(strike.part);
  }
}

export function nameOf(strike: Strike): string {
  return strike.kind === "drop" ? "every connection to a chat breaks" : `${strike.kind} ${strike.part}`;
}
