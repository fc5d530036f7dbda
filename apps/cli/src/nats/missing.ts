import type { Bus } from "@bellhop/bus";
import { note } from "../report.ts";

const patienceMs = 3_000;

/** Where streams are not there yet everything waits for them, and whoever sits here is told so. */
export function tellIfMissing(bus: Bus): void {
  const timer = setTimeout(() => {
    note(
      "Still waiting: NATS does not have the streams it should, or can't be reached. `bellhop nats plan`, with the operator's credentials, says what is missing.",
    );
  }, patienceMs);
  timer.unref();
  const found = () => clearTimeout(timer);
  bus.log.lastSequence().then(found, found);
}
