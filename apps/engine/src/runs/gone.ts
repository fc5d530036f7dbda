import { messageIds, shardOfRun, streams, subjects } from "@bellhop/contracts";
import type { QueueStand } from "@bellhop/bus";
import { revokeGone, type Out } from "./attempts.ts";
import type { Engine } from "../engine.ts";

/** What nobody has must lie in a queue: of what is unclaimed the request, of what is told the result. */
export interface InQueue {
  kind: "unclaimed" | "told";
  /** It was stored before this sequence; undefined as long as that was not asked. */
  upTo?: number;
  /** When it was last asked about, on the monotonic clock. */
  since: number;
}

/** How far a queue was taken off. */
export type StandOf = (queue: Parameters<Engine["bus"]["queueStand"]>[0]) => Promise<QueueStand>;

/** Asks about each queue once, however many lie in it. */
export function eachOnce({ bus }: Pick<Engine, "bus">): StandOf {
  const asked = new Map<string, Promise<QueueStand>>();
  return async (queue) => {
    const stand = asked.get(queue.filter) ?? bus.queueStand(queue);
    asked.set(queue.filter, stand);
    return await stand;
  };
}

/** The queue that one of an attempt's messages goes through. */
export function queueOf({ ref, task }: Out, kind: InQueue["kind"]) {
  return kind === "unclaimed"
    ? { stream: streams.action, filter: subjects.action.requested.filter({ pool: task.pool }) }
    : { stream: streams.finished, filter: subjects.action.finished.filter({ shard: shardOfRun(ref.run) ?? 0 }) };
}

/** Ends the wait for what is in its queue no more and led to nothing: the disk of a machine that lost power can lose what was promised, and people empty queues. A request is
 *  made again; where a result was, the attempt has ended and nobody knows how. */
export async function endGone(engine: Engine, { ref }: Out, kind: InQueue["kind"]): Promise<void> {
  const { bus, book, log, durations } = engine;
  // Everything that its last step wanted stored is stored then.
  const run = await book.find(ref.run);
  const task = run?.tasks[ref.task];
  if (run === undefined || run.endedAt !== undefined || task?.attempt !== ref.attempt || task.waits !== undefined) return;
  // The record of what began so long ago is gone by its age.
  const started = kind === "told" || Date.now() - Date.parse(run.askedAt) >= durations.recordRetention;
  if (!started && !(await revokeGone(bus, ref))) return;
  log.warn({ ...ref, what: kind === "told" ? "result" : "request" }, "an attempt was lost: what was stored of it is in its queue no more");
  const id = `gone:${messageIds.requested(ref)}`;
  await book.step(ref.run, {
    kind: "lost",
    id,
    at: new Date().toISOString(),
    task: ref.task,
    attempt: ref.attempt,
    runner: "",
    started,
    certain: true,
  });
}
