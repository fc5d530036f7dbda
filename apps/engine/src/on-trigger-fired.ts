import { eventKey, traceOf, type Problem, type TriggerFired } from "@bellhop/contracts";
import { enforceSteps, type Enforced } from "@bellhop/core";
import { inSlices } from "@bellhop/service";
import type { Engine } from "./engine.ts";
import { beginAtOnce } from "./on-run-asked.ts";
import { firstOfEvent } from "./intake/planned.ts";

const points = { saved: "engine.saved", applied: "engine.applied" } as const;

/** Something happened: the rules that wait for it make runs of it. */
export async function onTriggerFired(engine: Engine, fired: TriggerFired): Promise<void> {
  const { event, trigger } = fired;
  await engine.book.open(
    event,
    async () => {
      const payload = await engine.bus.loadValue(fired.payload);
      const { datastore, chains } = engine;
      const rules = engine.knowledge.rules();
      if (rules.asksDatastore(trigger, fired.parameters)) await datastore.caughtUp();
      const trace = fired.trace ?? traceOf(eventKey(event));
      const chain = { bounds: chains.bounds, before: chains.before(trace) };
      const enforced = await inSlices(enforceSteps({ rules, fired, payload, datastore, chain }));
      const runs = enforced.asks.length;
      if (fired.depth !== undefined) chains.note(trace, runs);
      const { refused } = enforced.outcome;
      if (refused === undefined) engine.log.info({ event, trigger, runs, trace }, "event decided");
      else engine.log.warn({ event, trigger, trace, why: refused }, "a chain of events is cut");
      engine.telemetry.count("bellhop_events_total", { runs: runs === 0 ? "none" : "some" });
      return { ...(await firstOfEvent(engine, { fired, enforced })), begin: (ask) => beginAtOnce(engine, ask, event) };
    },
    points,
  );
}

/** An event that no handler survived: its log says so, where somebody looks for what became of it. */
export async function onDeadEvent(engine: Engine, fired: TriggerFired, reason: Problem): Promise<void> {
  const { trigger, payload, source, firedAt, trace, tag } = fired;
  const about = { ...(trace === undefined ? {} : { trace }), ...(tag === undefined ? {} : { tag }) };
  const outcome = { trigger, payload, source, ...about, firedAt, enforcements: [], refused: reason.message };
  const enforced: Enforced = { outcome, asks: [] };
  await engine.book.open(fired.event, async () => firstOfEvent(engine, { fired, enforced }));
}
