import { expect, test } from "vitest";
import { lineReader, readLine, type Said } from "./lines.ts";

test.each<[string, Said]>([
  [
    '{"trigger": "shop.found", "payload": {"a": 1}, "key": "k", "id": 7}',
    { kind: "event", trigger: "shop.found", payload: { a: 1 }, key: "k", id: 7 },
  ],
  ['{"trigger": "found"}', { kind: "event", trigger: "found", payload: {} }],
  ['{"trigger": "found", "payload": null, "key": 12}', { kind: "event", trigger: "found", payload: null, key: "12" }],
  ['{"get": "after"}', { kind: "get", name: "after" }],
  ['{"set": "after", "value": 3, "ttl": 60, "id": "x"}', { kind: "set", name: "after", value: 3, ttl: 60, id: "x" }],
  ['{"delete": "after"}', { kind: "delete", name: "after" }],
  ['{"log": "words"}', { kind: "log", level: "info", text: "words" }],
  ['{"log": "words", "level": "error"}', { kind: "log", level: "error", text: "words" }],
  ['{"looking": true}', { kind: "looking", is: true }],
])("%s is understood", (line, said) => {
  expect(readLine(line)).toEqual(said);
});

test.each([
  ["not json, and all of it", /^it is no JSON object: not json, and all of it$/],
  ['{"log"', /^it is no JSON object: \{"log"$/],
  ["[1]", /^it is no JSON object: /],
  ["{}", /^it has none of trigger, get, set,/],
  ['{"log": "a", "level": "loud"}', /^level: /],
])("%s is wrong, and why is said", (line, why) => {
  expect(readLine(line)).toEqual({ kind: "wrong", why: expect.stringMatching(why) });
});

test.each<[string, RegExp, { id?: string | number }]>([
  ['{"trigger": ""}', /^trigger: /, {}],
  ['{"trigger": "a", "key": {}, "id": 3}', /^key: /, { id: 3 }],
  [`{"trigger": "a", "key": "${"k".repeat(1025)}", "id": "x"}`, /^key: /, { id: "x" }],
  ['{"set": "a", "ttl": -1, "id": {}}', /^ttl: /, {}],
  ['{"get": "", "id": 4}', /^get: /, { id: 4 }],
])("whoever says %s may wait for an answer", (line, why, waits) => {
  expect(readLine(line)).toEqual({ kind: "wrong", why: expect.stringMatching(why), waits });
});

test("lines survive being cut anywhere, empty ones and one that is too long", () => {
  const text = Buffer.from(`{"a":"ü"}\n\n${"x".repeat(50)}\nlast\nno end`);
  for (const size of [1, 2, 3, 7, 100]) {
    const lines: [string | undefined, number][] = [];
    const read = lineReader((line, number) => lines.push([line, number]), 20);
    for (let at = 0; at < text.length; at += size) read(text.subarray(at, at + size));
    expect(lines).toEqual([
      ['{"a":"ü"}', 1],
      [undefined, 3],
      ["last", 4],
    ]);
  }
});
