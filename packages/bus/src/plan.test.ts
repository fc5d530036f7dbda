import { durations } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { wantedStreams, type WantedStream } from "./layout.ts";
import { overlap, planOf, type Found, type FoundStream } from "./plan.ts";

const now = Date.parse("2026-01-31T00:00:00Z");
const empty = { messages: 0, bytes: 0, oldestAt: now, now };
const alone: Found = { streams: [], consumers: [], clustered: false };
const day = 86_400_000;

function wanted(stream: string, layout = {}): WantedStream {
  const one = wantedStreams(layout, durations).find((each) => each.stream === stream);
  if (one === undefined) throw new Error(`${stream} is not declared`);
  return one;
}

/** As the server would tell of a stream that was made as it should be. */
function there(stream: string, fields: object = {}, holds: Partial<FoundStream["holds"]> = {}): FoundStream {
  const config = { ...wanted(stream).config, name: stream, allow_direct: true, num_replicas: 1, max_bytes: -1, max_msgs: -1, ...fields };
  return { config, holds: { ...empty, ...holds } };
}

function changes(stream: string, at: { is?: object; holds?: Partial<FoundStream["holds"]>; layout?: object; clustered?: boolean }) {
  const [finding] = planOf({
    streams: [wanted(stream, at.layout)],
    consumers: [],
    found: { ...alone, clustered: at.clustered ?? false, streams: [there(stream, at.is, at.holds)] },
  });
  if (finding?.kind !== "differs") return finding?.kind;
  return Object.fromEntries(finding.changes.map(({ field, stuck }) => [field, stuck?.why ?? "changed"]));
}

test.each([
  ["one that is as it should be", "RUN", {}, "right"],
  ["metadata of others beside ours", "RUN", { is: { metadata: { bellhop: "stream", team: "ops" } } }, "right"],
  ["limits that nobody configured", "SEND", { is: { max_bytes: 1_000 } }, "right"],
  ["copies that nobody configured", "SEND", { is: { num_replicas: 3, allow_direct: false } }, "right"],
  [
    "copies on one server of several",
    "SEND",
    { layout: { replicas: 3 }, clustered: true },
    { num_replicas: "changed", allow_direct: "changed" },
  ],
  [
    "fewer copies: who reads is settled afterwards",
    "SEND",
    { layout: { replicas: 1 }, is: { num_replicas: 3, allow_direct: false } },
    { num_replicas: "changed" },
  ],
  ["another subject", "SEND", { is: { subjects: ["message.said.>"] } }, { subjects: "changed" }],
  ["what a durations entry changed", "RUN", { is: { max_age: 60 * day * 1e6 } }, { max_age: "changed" }],
  [
    "a limit above what is held",
    "SEND",
    { layout: { limits: { SEND: { bytes: 10 } } }, holds: { messages: 1, bytes: 9 } },
    { max_bytes: "changed" },
  ],
])("%s", (_, stream, at, expected) => {
  expect(changes(stream, at)).toEqual(expected);
});

test.each([
  ["storage", "RUN", { is: { storage: "memory" } }, { storage: "a stream keeps the storage that it was made with" }],
  ["retention", "SEND", { is: { retention: "limits" } }, { retention: "a stream can't become a work queue, nor stop being one" }],
  [
    "copies on a server that stands alone",
    "SEND",
    { layout: { replicas: 3 } },
    {
      num_replicas: "this server stands alone, and 3 copies need as many servers",
    },
  ],
  [
    "fewer bytes than it holds",
    "SEND",
    { layout: { limits: { SEND: { bytes: 10 } } }, holds: { messages: 3, bytes: 11 } },
    { max_bytes: "it holds 11 bytes now" },
  ],
  [
    "fewer messages than it holds",
    "SEND",
    { layout: { limits: { SEND: { messages: 2 } } }, holds: { messages: 3 } },
    { max_msgs: "it holds 3 messages now" },
  ],
  [
    "fewer messages of one subject than may lie there",
    "SEND",
    { layout: { limits: { SEND: { messagesPerSubject: 2 } } }, holds: { messages: 3 } },
    { max_msgs_per_subject: "it holds 3 messages now" },
  ],
  [
    "an age that something in it has passed",
    "RUN",
    { is: { max_age: 60 * day * 1e6 }, holds: { messages: 1, oldestAt: now - 40 * day } },
    { max_age: "what it holds of older age would be gone at once" },
  ],
  [
    "a history that keys may have",
    "KV_owners",
    { is: { max_msgs_per_subject: 5 } },
    { max_msgs_per_subject: "older revisions would be gone at once" },
  ],
])("nothing that would take data away or that the server refuses is changed in place: %s", (_, stream, at, expected) => {
  expect(changes(stream, at)).toEqual(expected);
});

test("a stream whose subjects somebody else's stream takes can't be made", () => {
  const theirs = there("RUN", { name: "ORDERS", subjects: ["order.>", "message.*.mail"], metadata: {} });
  const [finding] = planOf({ streams: [wanted("SEND")], consumers: [], found: { ...alone, streams: [theirs] } });
  expect(finding).toMatchObject({ kind: "missing", stuck: { why: "the stream ORDERS takes message.*.mail" } });
});

test("what carries our mark and is declared no longer is left over; others' streams are not", () => {
  const found = {
    ...alone,
    streams: [
      there("RUN", { name: "KV_gone", metadata: { bellhop: "bucket" } }, { messages: 7 }),
      there("RUN", { name: "ORDERS", metadata: {} }),
    ],
    consumers: [
      { stream: "ACTION", config: { durable_name: "pool_gpu" }, waiting: 0 },
      { stream: "ACTION", config: { durable_name: "audit" }, waiting: 4 },
    ],
  };
  const findings = planOf({ streams: [], consumers: [], found });
  expect(findings.map(({ kind, name, stream }) => `${kind}: ${name} in ${stream}`)).toEqual([
    "left over: KV_gone in KV_gone",
    "left over: audit in ACTION",
  ]);
});

test.each([
  ["a.b", "a.b", true],
  ["a.b", "a.c", false],
  ["a.*", "a.c", true],
  ["a.>", "a.b.c", true],
  ["a.>", "a", false],
  ["a.b", "a.b.c", false],
  [">", "$KV.member.x", true],
])("%s and %s: %s", (one, other, both) => {
  expect(overlap(one, other)).toBe(both);
  expect(overlap(other, one)).toBe(both);
});
