import { messageIds, type Run } from "@bellhop/contracts";
import { attemptFate } from "./attempts.ts";
import type { Engine } from "./engine.ts";

/** Looks after attempts that are out: every so often, and at once when a member is over. Only runs that were out at the sweep before are looked
 *  at, so that a quick action costs nothing. */
export function startAttemptSweep(engine: Engine): { stop(): void } {
  const { durations, membership, log } = engine;
  const outSince = new Map<string, number>();
  let sweeping: Promise<void> | undefined;
  let again = false;

  const sweep = async () => {
    const now = performance.now();
    const live = engine.book.live();
    const names = new Set(live.map(nameOf));
    for (const name of outSince.keys()) if (!names.has(name)) outSince.delete(name);
    for (const run of live) {
      const since = outSince.get(nameOf(run));
      if (since === undefined) outSince.set(nameOf(run), now);
      else await look(engine, run, now - since);
    }
  };
  const start = () => {
    if (sweeping !== undefined) {
      again = true;
      return;
    }
    sweeping = sweep()
      .catch((error: unknown) => log.warn({ error: String(error) }, "attempts could not be looked after, they will be"))
      .finally(() => {
        sweeping = undefined;
        if (!again) return;
        again = false;
        start();
      });
  };
  const timer = setInterval(start, durations.attemptSweep);
  const unlisten = membership.onChange(start);
  return {
    stop() {
      clearInterval(timer);
      unlisten();
    },
  };
}

async function look(engine: Engine, run: Run, outMs: number): Promise<void> {
  const { bus, membership, book, durations } = engine;
  for (const [task, { attempt, lostSince }] of Object.entries(run.tasks)) {
    const ref = { run: run.id, task, attempt };
    const fate = await attemptFate({ bus, membership, attempt: ref });
    const at = new Date().toISOString();
    if (fate.kind === "lost" && lostSince === undefined) {
      const { runner, started } = fate;
      engine.log.warn({ ...ref, runner, started }, "an attempt was lost with its runner");
      const id = `lost:${messageIds.requested(ref)}`;
      await book.step(run.id, { kind: "lost", id, at, attempt, runner, started, certain: false }, { saved: "engine.lost-saved" });
    }
    if (fate.kind === "unclaimed" && outMs >= durations.unclaimedNotice) {
      await book.step(run.id, { kind: "unclaimed", id: `unclaimed:${messageIds.requested(ref)}`, at, attempt });
    }
  }
}

function nameOf(run: Run): string {
  return `${run.id}/${Object.values(run.tasks)
    .map(({ attempt }) => attempt)
    .join("/")}`;
}
