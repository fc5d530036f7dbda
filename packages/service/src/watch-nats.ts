import { figure, type Figure } from "./metrics.ts";
import type { Telemetry } from "./telemetry.ts";

/** What is looked at of a connection to NATS: a bus has it. */
interface WatchedNats<Wanted> {
  status(): { connected: boolean; outbox: number; inHand: number; reconnects: number };
  roundTripMs(): Promise<number>;
  figures(wanted: Wanted): Promise<readonly WatchedStream[]>;
}

interface WatchedStream {
  stream: string;
  messages: number;
  bytes: number;
  oldestAgeMs: number;
  queues: readonly { name: string; messages: number; oldestAgeMs: number }[];
  consumers: readonly { name: string; waiting: number; unacknowledged: number }[];
}

/** Shows the connection of a part, and how much waits in the streams that it may look at. */
export function watchNats<Wanted>(
  telemetry: Telemetry,
  { part, bus, streams }: { part: string; bus: WatchedNats<Wanted>; streams: Wanted },
): void {
  telemetry.check("nats", () =>
    bus.status().connected
      ? { ok: true, found: "connected" }
      : {
          ok: false,
          found: "no connection",
          hint: "It tries to come back by itself: see that nats-server runs and can be reached at NATS_URL.",
        },
  );
  // Apart from what has to be asked for: that NATS does not answer must not hide that it is away.
  telemetry.figures(() => {
    const { connected, outbox, inHand, reconnects } = bus.status();
    return [
      figure("bellhop_nats_connected", { part }, connected ? 1 : 0),
      figure("bellhop_nats_unanswered_requests", { part }, outbox),
      figure("bellhop_nats_unacknowledged_messages", { part }, inHand),
      figure("bellhop_nats_reconnects_total", { part }, reconnects),
    ];
  });
  telemetry.figures(async () => [figure("bellhop_nats_round_trip_seconds", { part }, (await bus.roundTripMs()) / 1000)]);
  telemetry.figures(async () => (await bus.figures(streams)).flatMap(figuresOf));
}

function figuresOf({ stream, messages, bytes, oldestAgeMs, queues, consumers }: WatchedStream): Figure[] {
  return [
    figure("bellhop_stream_messages", { stream }, messages),
    figure("bellhop_stream_bytes", { stream }, bytes),
    figure("bellhop_stream_oldest_age_seconds", { stream }, oldestAgeMs / 1000),
    ...queues.flatMap((queue) => [
      figure("bellhop_queue_messages", { stream, queue: queue.name }, queue.messages),
      figure("bellhop_queue_oldest_age_seconds", { stream, queue: queue.name }, queue.oldestAgeMs / 1000),
    ]),
    ...consumers.flatMap(({ name: consumer, waiting, unacknowledged }) => [
      figure("bellhop_consumer_waiting_messages", { stream, consumer }, waiting),
      figure("bellhop_consumer_unacknowledged_messages", { stream, consumer }, unacknowledged),
    ]),
  ];
}
