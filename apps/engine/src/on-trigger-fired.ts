import { eventKey, traceOf, type Problem, type TriggerFired } from "@bellhop/contracts";
import { enforce, type Enforced } from "@bellhop/core";
import type { Engine } from "./engine.ts";
import { firstOfEvent } from "./planned.ts";

const points = { saved: "engine.saved", applied: "engine.applied" } as const;

/** Something happened: the rules that wait for it make runs of it. */
export async function onTriggerFired(engine: Engine, fired: TriggerFired): Promise<void> {
  const { event, trigger } = fired;
  await engine.book.open(
    event,
    async () => {
      const payload = await engine.bus.loadValue(fired.payload);
      const enforced = enforce({ rules: engine.knowledge.rules(), fired, payload });
      const runs = enforced.asks.length;
      engine.log.info({ event, trigger, runs, trace: traceOf(eventKey(event)) }, "event decided");
      engine.telemetry.count("bellhop_events_total", { runs: runs === 0 ? "none" : "some" });
      return firstOfEvent(engine, { fired, enforced });
    },
    points,
  );
}

/** An event that no handler survived: its log says so, where somebody looks for what became of it. */
export async function onDeadEvent(engine: Engine, fired: TriggerFired, reason: Problem): Promise<void> {
  const { trigger, payload, source, firedAt } = fired;
  const outcome = { trigger, payload, source, firedAt, enforcements: [], refused: reason.message };
  const enforced: Enforced = { outcome, asks: [] };
  await engine.book.open(fired.event, async () => firstOfEvent(engine, { fired, enforced }));
}
