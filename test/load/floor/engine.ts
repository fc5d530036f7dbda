// The engine's part of the floor: received -> log -> requested, finished -> log -> send, and nothing decided.
import { floorAccount, pullAhead, writeHeaders, type FloorMessage } from "./plan.ts";
import { child } from "../child.ts";
import { openWire } from "./wire.ts";

const plan = child.plan;
const wire = await openWire({ ...plan, name: "floor engine" });
const logs = new Map<string, number>();
const id = (kind: string, name: string) => (plan.shipped ? { id: `${kind}:${name}` } : {});

for (let shard = 0; shard < plan.shards; shard++) {
  wire.pull({ stream: "MESSAGE", consumer: `message_${shard}`, batch: pullAhead }, (message) => {
    const text = message.string();
    const received = JSON.parse(text) as FloorMessage;
    const request = () => wire.store("action.requested.default", text, () => wire.ack(message), writeHeaders(id("req", received.id)));
    if (!received.durable) return request();
    const then = (sequence: number) => {
      logs.set(received.id, sequence);
      request();
    };
    wire.store(logOf(received), text, then, writeHeaders({ after: 0, ...id("log1", received.id) }));
  });
  wire.pull({ stream: "FINISHED", consumer: `finished_${shard}`, batch: pullAhead }, (message) => {
    const text = message.string();
    const finished = JSON.parse(text) as FloorMessage;
    const send = () =>
      wire.store(`message.send.terminal.${floorAccount}`, text, () => wire.ack(message), writeHeaders(id("out", finished.id)));
    if (!finished.durable) return send();
    const after = logs.get(finished.id) ?? 0;
    logs.delete(finished.id);
    wire.store(logOf(finished), text, send, writeHeaders({ after, ...id("log2", finished.id) }));
  });
}
child.ready();

function logOf({ shard, id: name }: FloorMessage): string {
  return `run.changed.${shard}.${name}`;
}
