import { runId } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { placeAt, placeOf, settle } from "./place.ts";
import { labelTerm, wordTerms } from "./terms.ts";

const idAt = (at: string, key = "k") => runId({ key, at, shard: 3 });

test("runs lie in the order in which they were asked for, between the places of moments", () => {
  const times = ["1970-01-01T00:00:00.001Z", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.001Z", "2109-01-01T00:00:00.000Z"];
  const places = times.map((at) => placeOf(idAt(at)));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  for (const [index, at] of times.entries()) {
    const time = Date.parse(at);
    expect(places[index]).toBeGreaterThanOrEqual(placeAt(time));
    expect(places[index]).toBeLessThan(placeAt(time + 1));
    expect(Number.isSafeInteger(places[index])).toBe(true);
  }
});

test("runs whose places meet get the next free ones", () => {
  const run = idAt("2026-01-01T00:00:00.000Z");
  const twin = `${run.slice(0, 13)}${"0".repeat(13)}`;
  const place = placeOf(run);
  expect(placeOf(twin)).toBe(place);
  expect(settle([run, twin], new Set([place, place + 2]))).toEqual(
    new Map([
      [run, place + 1],
      [twin, place + 3],
    ]),
  );
});

test.each([
  ["letters and digits that stand together", "Deploy web-prod-1, now!", ["deploy", "web", "prod", "1", "now"]],
  ["each once", "a b a", ["a", "b"]],
  ["without accents, also where they are characters of their own", "Café e\u0301te\u0301 ＡＢＣ", ["cafe", "ete", "abc"]],
  ["other scripts, as ASCII", "приве́т 東京", ["%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82", "%E6%9D%B1%E4%BA%AC"]],
  ["cut where they are very long", "x".repeat(100), ["x".repeat(40)]],
  ["nothing at all", "*** '\" AND ()", ["and"]],
])("words: %s", (_, text, words) => {
  expect(wordTerms([text])).toEqual(words);
});

test("a field's term is one piece in ASCII, can't be a word, and does not tell case", () => {
  const term = labelTerm("person", "Ana 'x' \"ü\" = Ünlü\ud800");
  expect(term).toMatch(/^person=[a-z0-9%_.!~*()-]+$/i);
  expect(term).toBe(labelTerm("person", "ANA 'X' \"Ü\" = ünlü\ud800"));
  expect(wordTerms([term])).not.toContain(term);
});
