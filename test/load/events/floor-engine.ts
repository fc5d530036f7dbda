// The engine's part of the floor: fired -> the event's log -> the run's log -> requested, finished -> log; and nothing decided.
import { pullAhead, writeHeaders, type FloorMessage } from "../floor/plan.ts";
import { openWire } from "../floor/wire.ts";
import { child } from "../child.ts";

const wire = await openWire({ ...child.plan, name: "floor engine" });
const logs = new Map<string, number>();

wire.pull({ stream: "TRIGGER", consumer: "trigger_0", batch: pullAhead }, (message) => {
  const text = message.string();
  const { id } = JSON.parse(text) as FloorMessage;
  const request = (sequence: number) => {
    logs.set(id, sequence);
    wire.store("action.requested.default", text, () => wire.ack(message));
  };
  const begin = () => wire.store(`run.changed.0.${id}`, text, request, writeHeaders({ after: 0 }));
  wire.store(`run.changed.0.${id}e`, text, begin, writeHeaders({ after: 0 }));
});
wire.pull({ stream: "FINISHED", consumer: "finished_0", batch: pullAhead }, (message) => {
  const text = message.string();
  const { id } = JSON.parse(text) as FloorMessage;
  const after = logs.get(id) ?? 0;
  logs.delete(id);
  wire.store(`run.changed.0.${id}`, text, () => wire.ack(message), writeHeaders({ after }));
});
child.ready();
