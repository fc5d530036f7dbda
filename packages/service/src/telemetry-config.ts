import { z } from "zod";

export interface TelemetryConfig {
  /** Where /healthz, /readyz and /metrics are served; nowhere when not given. */
  http?: { host: string; port: number };
  /** The collector that spans go to; none when not given. */
  otlp?: string;
}

const expected = "expected HOST:PORT such as 127.0.0.1:9464, or a port of this machine alone such as 9464";

const Listen = z.union([z.literal(""), z.string(), z.int()], { error: expected }).transform((given, context) => {
  const match = /^(?:(\[[\da-f:.]+\]|[^\s:[\]]+):)?(\d{1,5})$/i.exec(String(given));
  if (given === "") return null;
  const port = Number(match?.[2]);
  if (match !== null && port <= 65_535) return { host: (match[1] ?? "127.0.0.1").replace(/^\[(.*)\]$/, "$1"), port };
  context.addIssue(expected);
  return z.NEVER;
});

/** What environment and bellhop.yaml may say of it. Nobody listens, and nothing is sent anywhere, unless told to. */
export const telemetryShape = {
  BELLHOP_HTTP: Listen.optional(),
  http: z
    .strictObject({ listen: Listen })
    .optional()
    .describe("Where /healthz, /readyz and /metrics are served: { listen: 127.0.0.1:9464 }."),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.union([z.literal(""), z.url("expected a URL such as http://127.0.0.1:4318")]).optional(),
  OTEL_SDK_DISABLED: z.string().optional(),
};

type Values = z.infer<z.ZodObject<typeof telemetryShape>>;

export function telemetryConfig(values: Values): TelemetryConfig {
  // An empty variable switches off what the file says.
  const http = values.BELLHOP_HTTP === undefined ? values.http?.listen : values.BELLHOP_HTTP;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint = "", OTEL_SDK_DISABLED: disabled = "" } = values;
  return {
    ...(http ? { http } : {}),
    ...(endpoint === "" || disabled.toLowerCase() === "true" ? {} : { otlp: endpoint }),
  };
}
