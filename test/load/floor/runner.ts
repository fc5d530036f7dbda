// The runner's part of the floor: claim, confirmed acknowledgement, started, finished, and no work in between.
import { pullAhead, writeHeaders, type FloorMessage } from "./plan.ts";
import { child } from "../child.ts";
import { openWire } from "./wire.ts";

const plan = child.plan;
const wire = await openWire({ ...plan, name: "floor runner" });

wire.pull({ stream: "ACTION", consumer: "action_default", batch: pullAhead }, (message) => {
  const text = message.string();
  const { id, shard, durable } = JSON.parse(text) as FloorMessage;
  const record = (after: number, then: (sequence: number) => void) =>
    wire.store(`$KV.attempt.${id}.action.1`, text, then, writeHeaders({ after }));
  const finish = (then: () => void) =>
    wire.store(`action.finished.${shard}`, text, then, writeHeaders(plan.shipped ? { id: `fin:${id}` } : {}));
  if (!durable) return wire.ack(message, () => finish(() => {}));
  record(0, (claimed) => {
    wire.ack(message, () => {
      record(claimed, (started) => {
        finish(() => record(started, () => {}));
      });
    });
  });
});
child.ready();
