import { messageIds, subjects, type Send } from "@bellhop/contracts";
import type { Bus } from "@bellhop/bus";
import { fullNotice } from "@bellhop/core";
import type { Log } from "@bellhop/service";
import type { RoomWatch } from "./held-up.ts";

/** Tells who asked that the queue of their pool is full, where it stays so for a while. It stands in no log, because nothing is decided on a step that owes its commands;
 *  its key is the run's, so that it is said once, whoever says it again. */
export function tellOfFullQueues({ bus, afterMs, log }: { bus: Bus; afterMs: number; log: Log }): RoomWatch {
  const counting = new Map<string, NodeJS.Timeout>();
  const tell = (send: Send) => {
    bus
      .publish(subjects.message.send, send, { id: messageIds.send(send) })
      .catch((error: unknown) => log.debug({ run: send.run, error: String(error) }, "nobody was told of a full queue"));
  };
  return {
    missing(run, command) {
      // Where sends find no room nothing can be told.
      if (command.kind !== "request" || counting.has(run.id)) return;
      log.warn({ run: run.id, pool: command.request.pool }, "the queue of a pool is full");
      const notice = fullNotice(run, command.request.pool);
      counting.set(run.id, setTimeout(tell, afterMs, notice));
    },
    found(run) {
      clearTimeout(counting.get(run));
      counting.delete(run);
    },
  };
}
