// The floor of a workflow: the same hops and the same durable writes, by bare programs that decide nothing.
import { performance } from "node:perf_hooks";
import { makeFloorStreams, pullAhead, writeHeaders, type FloorMessage, type FloorPlan } from "../floor/plan.ts";
import { openWire } from "../floor/wire.ts";
import { Told } from "../order.ts";
import { nextWord, startOwn } from "../own.ts";
import { endProcess } from "../processes.ts";
import { startServer } from "../stack.ts";

export interface WorkflowFloor {
  /** So many logs side by side, each of which asks for one task after the other. @returns when each step stood, in milliseconds */
  run(order: { logs: number; tasks: number }): Promise<number[]>;
  end(): Promise<void>;
}

/** The engine's part is in this process, the runner's in one of its own, as the product has them. */
export async function startWorkflowFloor(): Promise<WorkflowFloor> {
  const { server, credentials } = await startServer("workflow-floor");
  const plan: FloorPlan = { url: server.url, credentials: credentials.operator.file, shards: 1, shipped: false };
  const wire = await openWire({ ...plan, name: "floor engine" });
  await makeFloorStreams(wire.nc, plan);
  const env = { BENCH_PLAN: JSON.stringify(plan), BENCH_SIDE: JSON.stringify({ side: "floor" }) };
  const runner = startOwn({ file: "floor/runner.ts", env });
  await nextWord(runner, Told);

  let round = 0;
  /** Of each log: where it is, and how many tasks are left. */
  const logs = new Map<string, { sequence: number; left: number }>();
  let stepped: () => void = () => {};
  const pad = "x".repeat(1_000);
  const step = (log: string, then: () => void) => {
    const entry = logs.get(log);
    if (entry === undefined) return then();
    const message: FloorMessage = { id: `${log}_${entry.left}`, shard: 0, durable: true, pad };
    const text = JSON.stringify(message);
    const stored = (sequence: number) => {
      entry.sequence = sequence;
      stepped();
      if (entry.left === 0) {
        logs.delete(log);
        return then();
      }
      entry.left -= 1;
      wire.store("action.requested.default", text, then);
    };
    wire.store(`run.changed.0.${log}`, text, stored, writeHeaders({ after: entry.sequence }));
  };
  wire.pull({ stream: "FINISHED", consumer: "finished_0", batch: pullAhead }, (message) => {
    const [log = ""] = message.json<FloorMessage>().id.split("_");
    step(log, () => wire.ack(message));
  });
  return {
    run({ logs: count, tasks }) {
      round += 1;
      const times: number[] = [];
      return new Promise((resolve) => {
        stepped = () => {
          times.push(performance.now());
          if (times.length === count * (tasks + 1)) resolve(times);
        };
        for (let index = 0; index < count; index++) {
          const log = `r${round}l${index}`;
          logs.set(log, { sequence: 0, left: tasks });
          step(log, () => {});
        }
      });
    },
    async end() {
      await endProcess(runner);
      await wire.nc.close();
      await server.stop();
    },
  };
}
