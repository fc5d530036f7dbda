import { expect, test } from "vitest";
import { readBody } from "./body.ts";

const json = "application/json";
const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

test.each<[body: string, type: string | undefined, value: unknown]>([
  ['{"a":1}', json, { a: 1 }],
  ['{"a":1}', undefined, { a: 1 }],
  ['{"a":1}', "Application/JSON; charset=UTF-8", { a: 1 }],
  ['{"a":"ä"}', 'application/json; charset="utf8"', { a: "ä" }],
  ['{"a":1}', "application/json; charset=iso-8859-1", { a: 1 }],
  ['{"a":1}', "application/vnd.odd+json", { a: 1 }],
  ["a=1&a=2&b", "application/x-www-form-urlencoded", { a: "2", b: "" }],
  ['{"a":"\\ud800"}', json, { a: "\ud800" }],
  [nested(64), json, JSON.parse(nested(64))],
  [`{"a":"${"[".repeat(100)}"}`, json, { a: "[".repeat(100) }],
  ['{"a":1e999}', json, { a: Number.POSITIVE_INFINITY }],
])("%s as %s is understood", (body, type, value) => {
  expect(readBody(Buffer.from(body), type)).toEqual({ kind: "ok", value });
});

test("fields that have the names of an object's own are fields", () => {
  const read = readBody(Buffer.from('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'), json);
  expect(read.kind === "ok" && Object.keys(read.value as object)).toEqual(["__proto__", "constructor"]);
  expect(Object.keys({})).toEqual([]);
  expect("polluted" in {}).toBe(false);
});

test.each<[what: string, body: string | Uint8Array, type: string, status: number, why: string]>([
  ["no JSON", "{", json, 400, "The body is no JSON: "],
  ["nothing", "", json, 400, "The body is no JSON: "],
  ["a NUL", "\0", json, 400, "The body is no JSON: "],
  ["too deep", nested(65), json, 400, "nested more than 64 levels deep"],
  ["far too deep", "[".repeat(100_000), json, 400, "nested more than 64 levels deep"],
  ["far too deep in turn", '{"a":['.repeat(50_000), json, 400, "nested more than 64 levels deep"],
  ["UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0]), json, 400, "The body is not UTF-8."],
  [
    "UTF-16 that says so",
    new Uint8Array([0x7b, 0, 0x7d, 0]),
    "application/json; charset=utf-16le",
    415,
    "A body in utf-16le can't be taken",
  ],
  ["Latin-1", Buffer.from('"ä"', "latin1"), "application/json; charset=iso-8859-1", 415, "A body in iso-8859-1 can't be taken"],
  ["a file", "--x", "multipart/form-data; boundary=x", 415, "A body of type multipart/form-data can't be taken"],
  ["a type of nothing", "{}", "", 415, "A body of type (none) can't be taken"],
])("a body with %s is refused with the reason", (_, body, type, status, why) => {
  expect(readBody(Buffer.from(body), type)).toMatchObject({ kind: "fault", status, message: expect.stringContaining(why) });
});
