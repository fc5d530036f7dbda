import { toProblem, type SpanRef } from "@bellhop/contracts";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Context } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from "@opentelemetry/sdk-trace";
import manifest from "../package.json" with { type: "json" };
import type { Log } from "./log.ts";
import type { Telemetry } from "./telemetry.ts";

export interface Spans extends Pick<Telemetry, "span"> {
  close(): Promise<void>;
}

/** Nobody who stops waits longer for a collector. */
const closingMs = 1_000;

/** Spans in batches to an OTLP collector over HTTP. What it does not take in time is dropped: the SDK's queue holds 2,048.
 *  @param at.endpoint its base, below which traces go to `v1/traces`; OTEL_EXPORTER_OTLP_HEADERS and the like the SDK reads itself */
export function createSpans(at: { name: string; endpoint: string; log: Log }): Spans {
  const { name, endpoint, log } = at;
  // Ids follow from what is worked on, and are given to the SDK just before it asks for them.
  let given: Pick<SpanRef, "trace" | "span"> = { trace: "", span: "" };
  const own = resourceFromAttributes({
    "service.name": `bellhop-${name}`,
    "service.version": manifest.version,
    "process.pid": process.pid,
  });
  const provider = new TracerProvider({
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    idGenerator: { generateTraceId: () => given.trace, generateSpanId: () => given.span },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: telling(new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces`, concurrencyLimit: 2 }), {
          endpoint,
          log,
        }),
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  const tracer = provider.getTracer("bellhop", manifest.version);

  return {
    async span(refOf, attributes, work) {
      const ref = refOf();
      given = ref;
      const span = tracer.startSpan(ref.name, { kind: kinds[ref.name], attributes: { ...attributes } }, parentOf(ref));
      try {
        return await work((more) => span.setAttributes({ ...more }));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", toProblem(error).code);
        throw error;
      } finally {
        span.end();
      }
    },
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, closingMs)));
      await Promise.race([provider.shutdown().catch(() => {}), late]).finally(() => clearTimeout(timer));
    },
  };
}

const kinds: Readonly<Record<SpanRef["name"], SpanKind>> = {
  receive: SpanKind.PRODUCER,
  decide: SpanKind.CONSUMER,
  attempt: SpanKind.CONSUMER,
  finish: SpanKind.CONSUMER,
  send: SpanKind.CLIENT,
};

function parentOf({ trace: traceId, parent }: SpanRef): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: parent, traceFlags: TraceFlags.SAMPLED, isRemote: true });
}

/** Says once that spans don't get through, and once that they do again. */
function telling(exporter: SpanExporter, { endpoint, log }: { endpoint: string; log: Log }): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const fails = result.error !== undefined || result.code !== 0;
        if (fails && !failing) log.warn({ endpoint, why: result.error?.message }, "spans don't reach the collector, they are dropped");
        if (!fails && failing) log.info({ endpoint }, "spans reach the collector again");
        failing = fails;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => await exporter.forceFlush?.(),
  };
}
