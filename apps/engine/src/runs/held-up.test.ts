import type { AttemptRef, Command, Run } from "@bellhop/contracts";
import { decide } from "@bellhop/core";
import { expect, test } from "vitest";
import { ana } from "../testing.ts";
import { HeldUp } from "./held-up.ts";

const task = { action: "a.step", digest: "d1", pool: "default", input: {}, timeoutMs: 60_000, repeatable: true, attempt: 1 };

/** A workflow's run that cleans up, and the request that its plain run makes. */
function stage(): { run: Run; cleans: Run; request: Command } {
  const at = "2026-01-01T00:00:00.000Z";
  const plan = { action: "a.step", reply: { enabled: true }, secrets: [], task };
  const replyTo = { platform: "slack", account: "A1", channel: "C1", message: "1.1" };
  const asked = { id: "m1", at, kind: "asked", run: "r1", plan, asker: ana, replyTo, answers: "m1" } as const;
  const decision = decide(undefined, asked, { lateResult: 30_000 });
  if (decision.kind !== "changed") throw new Error("it begins");
  const request = decision.commands.find(({ kind }) => kind === "request");
  if (request === undefined) throw new Error("it asks for an attempt");
  const state = { sequence: null, routes: [], cleaning: "cancel" };
  return { run: decision.run, cleans: { ...decision.run, workflow: { task, catalog: {}, state } }, request };
}

const { run, cleans, request } = stage();

test.each([
  ["a request that waits for room is taken back by who cancels its run", run, 1],
  ["what a workflow does to clean up is not", cleans, 0],
  ["unless it was called back itself", { ...cleans, tasks: { main: { ...task, calledBack: true as const } } }, 1],
])("%s", async (_, state, takenBack) => {
  const revoked: AttemptRef[] = [];
  const heldUp = new HeldUp({ rooms: undefined, revoke: async (attempt) => void revoked.push(attempt) });
  const waits = [heldUp.missing("r1", state, request)];
  // By the cancel's own step too.
  await heldUp.ending("r1", async () => void waits.push(heldUp.missing("r1", state, request)));
  expect(revoked).toHaveLength(takenBack * 2);
  if (takenBack > 0) await Promise.all(waits);
});
