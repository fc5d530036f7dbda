import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { metrics, type Figure, type Metric, type MetricName } from "./metrics.ts";
import type { Telemetry } from "./telemetry.ts";

export interface Meters extends Pick<Telemetry, "count" | "observe"> {
  /** Everything in Prometheus's text format, with these figures in place of those shown before. */
  text(figures: readonly Figure[]): Promise<string>;
  readonly contentType: string;
}

/** The table of {@link metrics} as prom-client has it. */
export function openMeters(): Meters {
  const registry = new Registry();
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, Histogram>();
  for (const [name, { kind, help, labels, buckets }] of Object.entries<Metric>(metrics) as [MetricName, Metric][]) {
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    switch (kind) {
      case "counter":
        counters.set(name, new Counter(common));
        break;
      case "gauge":
        gauges.set(name, new Gauge(common));
        break;
      case "histogram":
        histograms.set(name, new Histogram({ ...common, buckets: [...(buckets ?? [])] }));
    }
  }
  const shown = new Set<MetricName>();

  return {
    contentType: registry.contentType,
    count: (name, labels) => counters.get(name)?.inc(labels),
    observe: (name, labels, seconds) => histograms.get(name)?.observe(labels, seconds),
    text(figures) {
      // What is not among them any more is gone: a pool that nobody uses, or what NATS did not tell.
      for (const name of shown) (gauges.get(name) ?? counters.get(name))?.reset();
      for (const { name, labels, value } of figures) {
        shown.add(name);
        gauges.get(name)?.set(labels, value);
        counters.get(name)?.inc(labels, value);
      }
      return registry.metrics();
    },
  };
}
