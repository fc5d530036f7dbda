import { expect, test } from "vitest";
import { addressOf, shownUrl } from "./connection.ts";

test.each([
  ["nats://a:4222", { servers: ["nats://a:4222"] }],
  ["a:4222, b:4223,", { servers: ["a:4222", "b:4223"] }],
  ["nats://ana:se%40cret@a:4222,nats://b:4222", { servers: ["nats://a:4222", "nats://b:4222"], user: "ana", pass: "se@cret" }],
  ["tls://t0ken@a", { servers: ["tls://a"], token: "t0ken" }],
])("an address is taken apart: %s", (url, expected) => {
  expect(addressOf(url)).toEqual(expected);
});

test.each([
  ["nats://ana:secret@a:4222,nats://ana:secret@b:4222", "nats://a:4222,nats://b:4222"],
  ["ana:se%2Fcret@a:4222", "a:4222"],
  ["nats://a:4222", "nats://a:4222"],
])("no password is shown: %s", (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});
