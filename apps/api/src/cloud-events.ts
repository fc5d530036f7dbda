import { z } from "zod";
import { readBody, readJsonBody } from "./body.ts";

/** Attributes as they came, with the data as a value. Unknown extensions stay. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}

export type EventsRead = { kind: "ok"; events: CloudEvent[] } | { kind: "fault"; status: 400 | 415; message: string };

/** So many in one batch. */
const mostEvents = 1_000;

/** Reads CloudEvents 1.0 of an HTTP request: structured, batched, or with their attributes in headers. */
export function readEvents(headers: Headers, bytes: Uint8Array): EventsRead {
  const type = (headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (type === "application/cloudevents+json" || type === "application/cloudevents-batch+json") {
    const read = readBody(bytes, type);
    if (read.kind === "fault") return read;
    const list = type.includes("batch") ? read.value : [read.value];
    if (!Array.isArray(list)) return fault("A batch is a list of events.");
    if (list.length > mostEvents) return fault(`A batch holds ${mostEvents} events at most; these are ${list.length}.`);
    const events: CloudEvent[] = [];
    for (const [index, one] of list.entries()) {
      const event = structured(one);
      if (typeof event === "string") return fault(list.length === 1 ? event : `Event ${index}: ${event}`);
      events.push(event);
    }
    return { kind: "ok", events };
  }
  if (!headers.has("ce-specversion"))
    return fault("This is no CloudEvent: there is neither ce-specversion nor application/cloudevents+json.", 415);
  return binary(headers, bytes);
}

const Attributes = z.looseObject({
  datacontenttype: z.string().optional(),
  specversion: z.literal("1.0"),
  id: z.string().min(1).max(512),
  source: z.string().min(1).max(2048),
  type: z.string().min(1).max(512),
});

function structured(given: unknown): CloudEvent | string {
  const parsed = Attributes.safeParse(given);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  const { data, data_base64: base64, ...attributes } = parsed.data;
  const { id, source, type } = parsed.data;
  if (typeof base64 !== "string") return { id, source, type, attributes, ...(data === undefined ? {} : { data }) };
  const read = readBody(Buffer.from(base64, "base64"), parsed.data.datacontenttype);
  // What is no text stays as it came.
  return { id, source, type, attributes, data: read.kind === "ok" ? read.value : base64 };
}

function binary(headers: Headers, bytes: Uint8Array): EventsRead {
  const attributes: Record<string, unknown> = {};
  // The HTTP binding writes what is not printable ASCII percent-encoded.
  for (const [name, value] of headers) if (name.startsWith("ce-")) attributes[name.slice(3)] = decoded(value);
  const contentType = headers.get("content-type");
  if (contentType !== null) attributes["datacontenttype"] = contentType;
  const event = structured(attributes);
  if (typeof event === "string") return fault(event);
  if (bytes.length === 0) return { kind: "ok", events: [event] };
  const read = contentType === null ? readJsonBody(new TextDecoder().decode(bytes)) : readBody(bytes, contentType);
  if (read.kind === "fault" && read.status === 400) return read;
  return { kind: "ok", events: [{ ...event, data: read.kind === "ok" ? read.value : Buffer.from(bytes).toString("base64") }] };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function fault(message: string, status: 400 | 415 = 400): EventsRead {
  return { kind: "fault", status, message };
}
