import { expect, it } from "vitest";
import { unanswered } from "./unanswered.ts";

const system = (code: string) => Object.assign(new Error("what"), { code });

it.each([
  ["a closed port", system("ECONNREFUSED"), { kind: "unavailable", why: "ECONNREFUSED" }],
  ["a name that nobody has", system("ENOTFOUND"), { kind: "unavailable", why: "ENOTFOUND" }],
  ["the same by fetch", new TypeError("fetch failed", { cause: system("EHOSTUNREACH") }), { kind: "unavailable", why: "EHOSTUNREACH" }],
  ["a reset", system("ECONNRESET"), { kind: "unsure", why: "ECONNRESET" }],
  ["a call that was given up", AbortSignal.abort().reason, { kind: "unsure", why: "no answer in time" }],
  ["the same by Node", Object.assign(system("ABORT_ERR"), { name: "AbortError" }), { kind: "unsure", why: "no answer in time" }],
  ["a time-out", new DOMException("", "TimeoutError"), { kind: "unsure", why: "no answer in time" }],
  ["anything else", new Error("what"), { kind: "unsure", why: "what" }],
  ["what is no error", "what", { kind: "unsure", why: "what" }],
])("%s", (_, error: unknown, expected) => {
  expect(unanswered(error)).toEqual(expected);
});
