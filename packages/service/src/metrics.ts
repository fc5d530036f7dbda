/** Everything that is measured, by its name in Prometheus. docs/observability.md has the same table. Labels take values that configuration bounds: no account,
 *  person, room, action or run. */
export const metrics = {
  bellhop_info: { kind: "gauge", labels: ["part", "version", "node"], help: "Always 1; says what runs" },
  bellhop_ready: { kind: "gauge", labels: ["part"], help: "Whether every check of /readyz holds" },

  bellhop_nats_connected: { kind: "gauge", labels: ["part"], help: "Whether the connection to NATS stands" },
  bellhop_nats_round_trip_seconds: { kind: "gauge", labels: ["part"], help: "A ping to NATS and back" },
  bellhop_nats_reconnects_total: { kind: "counter", labels: ["part"], help: "Times the connection to NATS came back" },
  bellhop_nats_unanswered_requests: { kind: "gauge", labels: ["part"], help: "Requests and publishes that wait for NATS's answer" },
  bellhop_nats_unacknowledged_messages: { kind: "gauge", labels: ["part"], help: "Messages in hand" },

  bellhop_stream_messages: { kind: "gauge", labels: ["stream"], help: "Messages that the stream holds" },
  bellhop_stream_bytes: { kind: "gauge", labels: ["stream"], help: "Bytes that the stream holds" },
  bellhop_stream_oldest_age_seconds: {
    kind: "gauge",
    labels: ["stream"],
    help: "Age of the oldest message in the stream; 0 when it is empty",
  },
  bellhop_queue_messages: {
    kind: "gauge",
    labels: ["stream", "queue"],
    help: "Requests by pool, and sends by platform, that nobody has taken or finished",
  },
  bellhop_queue_oldest_age_seconds: { kind: "gauge", labels: ["stream", "queue"], help: "Age of the oldest of them; 0 when there is none" },
  bellhop_consumer_waiting_messages: { kind: "gauge", labels: ["stream", "consumer"], help: "Not yet given out" },
  bellhop_consumer_unacknowledged_messages: { kind: "gauge", labels: ["stream", "consumer"], help: "Given out, not yet acknowledged" },

  bellhop_members: { kind: "gauge", labels: ["role"], help: "Processes that live, as this one sees them" },
  bellhop_leases_held: {
    kind: "gauge",
    labels: ["part", "lease"],
    help: "What this process holds: shards, senders of accounts, the projector",
  },
  bellhop_shards_unheld: { kind: "gauge", labels: [], help: "Shards that no living engine holds" },

  bellhop_messages_total: { kind: "counter", labels: ["platform", "outcome"], help: "What was heard, by whether it could be stored" },
  bellhop_api_requests_total: { kind: "counter", labels: ["route", "status"], help: "Requests to the API, by what was answered" },
  bellhop_events_total: { kind: "counter", labels: ["runs"], help: "Events, by whether a rule made a run of them" },
  bellhop_decisions_total: { kind: "counter", labels: ["verdict"], help: "Messages, by what they led to" },
  bellhop_runs: { kind: "gauge", labels: ["status"], help: "Runs that are not over, of the shards that this engine holds" },
  bellhop_runs_ended_total: { kind: "counter", labels: ["status"], help: "Runs that ended, by how" },
  bellhop_attempts_total: { kind: "counter", labels: ["pool", "outcome"], help: "Attempts of this runner that ended, by how" },
  bellhop_attempt_seconds: {
    kind: "histogram",
    labels: ["pool"],
    help: "An attempt's work, from its first side effect to its end",
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800],
  },
  bellhop_attempts_in_hand: { kind: "gauge", labels: ["part"], help: "Attempts that this runner works on" },
  bellhop_sends_total: { kind: "counter", labels: ["platform", "outcome"], help: "Replies and notices, by whether they came to stand" },
  bellhop_platform_calls_total: { kind: "counter", labels: ["platform", "call", "outcome"], help: "Calls to a platform, by what it said" },
  bellhop_reply_seconds: {
    kind: "histogram",
    labels: ["platform"],
    help: "From a message, as its platform dates it, until its last word stood there; the action's own time is in it",
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
  },

  process_start_time_seconds: { kind: "gauge", labels: [], help: "When the process was started, seconds since 1970" },
  process_cpu_seconds_total: { kind: "counter", labels: [], help: "User and system time" },
  process_resident_memory_bytes: { kind: "gauge", labels: [], help: "Resident memory, shared pages included" },
  nodejs_heap_size_used_bytes: { kind: "gauge", labels: [], help: "JavaScript's heap in use" },
  nodejs_eventloop_lag_mean_seconds: { kind: "gauge", labels: [], help: "How late the event loop was, on average since the last look" },
  nodejs_eventloop_lag_max_seconds: { kind: "gauge", labels: [], help: "The same at its worst" },
} as const satisfies Record<string, Metric>;

export interface Metric {
  kind: "counter" | "gauge" | "histogram";
  labels: readonly string[];
  help: string;
  /** Upper bounds, in seconds. */
  buckets?: readonly number[];
}

type Table = typeof metrics;
type Kind<Name extends keyof Table> = Table[Name]["kind"];
export type MetricName = keyof Table;
export type HistogramName = { [Name in MetricName]: Kind<Name> extends "histogram" ? Name : never }[MetricName];
export type CounterName = { [Name in MetricName]: Kind<Name> extends "counter" ? Name : never }[MetricName];

export type LabelsOf<Name extends MetricName> = Readonly<Record<Table[Name]["labels"][number], string>>;

/** One value of a gauge, or of a counter that something else counts. */
export interface Figure {
  name: MetricName;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** A value with the labels that its metric has: others do not compile. */
export function figure<Name extends Exclude<MetricName, HistogramName>>(name: Name, labels: LabelsOf<Name>, value: number): Figure {
  return { name, labels, value };
}
