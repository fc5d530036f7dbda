import { streams } from "@bellhop/contracts";
import { figure, watchNats, type Telemetry } from "@bellhop/service";
import type { Contact } from "./contact.ts";
import type { Runner } from "./runner.ts";

/** Shows what a runner has in hand, and whether it may take more. */
export function watchRunner(
  telemetry: Telemetry,
  { bus, hand, contact }: { bus: Runner["bus"]; hand: Runner["hand"]; contact: Contact },
): void {
  watchNats(telemetry, { part, bus, streams: [{ stream: streams.action, consumers: true }] });
  telemetry.check("contact", () =>
    contact.isHeld()
      ? { ok: true, found: "its lease is held" }
      : {
          ok: false,
          found: "out of contact: nothing new is taken",
          hint: "It begins anew as soon as NATS answers in time; a slow or full disk of nats-server keeps it from that.",
        },
  );
  telemetry.figures(() => [
    figure("bellhop_attempts_in_hand", { part }, hand.all().length),
    figure("bellhop_leases_held", { part, lease: "runner" }, contact.isHeld() ? 1 : 0),
  ]);
}

const part = "runner";
