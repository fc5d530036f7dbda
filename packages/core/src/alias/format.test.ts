import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AliasParameters } from "./expression.ts";
import { chatCommand, compileFormat, extract } from "./format.ts";
import { extractEach, extractStrict, strictFormat } from "./strict.ts";

interface Case {
  id: string;
  format: string;
  text: string;
  match_multiple?: boolean;
  expected: { match: true; params: AliasParameters | AliasParameters[] } | { match: false; error: "ParseException" | "error" };
}

/** Recorded from StackStorm's own parser. */
const recorded = readFileSync(new URL("samples/extract.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case);

function answer(format: string, text: string, multiple = false): unknown {
  const compiled = strictFormat(format);
  if (compiled.kind === "fault") return { match: false, error: "error" };
  if (multiple) return { match: true, params: extractEach(compiled.format, text) };
  const params = extractStrict(compiled.format, text);
  return params === undefined ? { match: false, error: "ParseException" } : { match: true, params };
}

describe("a format in strict mode", () => {
  it.each(recorded)("answers $id as StackStorm does", ({ format, text, match_multiple: multiple, expected }) => {
    expect(answer(format, text, multiple)).toEqual(
      expected.match ? { match: true, params: expected.params } : { match: false, error: expected.error },
    );
  });

  it.each([
    ["run {{cmd}} on {{hosts}}", "run echo on on a on b", { cmd: "echo", hosts: "on a on b" }],
    ["run {{cmd}} {{hosts=localhost}}", "run date -u now 10.0.0.1", { cmd: "date", hosts: "-u now 10.0.0.1" }],
    ["(run|execute) {{cmd}}( on {{hosts=localhost}})?[!.]?", "execute date!", { cmd: "date", hosts: "localhost" }],
    ["run( {{cmd}})?( on {{hosts}})?", "run", { cmd: null, hosts: null }],
    ["thing {{thing={'key': 'value'}}}", "thing", { thing: "{'key': 'value'}" }],
    ["say {{what}}", "say hello x=1 y='a b' z={\"k\": 1}", { what: "hello", x: "1", y: "a b", z: '{"k": 1}' }],
    ['say {{what=""}}', "say", { what: "" }],
  ])("reads %j from %j", (format, text, params) => {
    expect(answer(format, text)).toEqual({ match: true, params });
  });
});

describe("a format in chat", () => {
  const chat = (format: string, text: string) => {
    const compiled = compileFormat(format);
    return compiled.kind === "fault" ? compiled.why : extract(compiled.format, chatCommand(text))[0];
  };

  it.each([
    ["deploy {{app}}", "DEPLOY Web", { app: "Web" }],
    ["deploy {{app}}", "deploy    web", { app: "web" }],
    ["fetch {{url}}", "fetch http://a/b?c=d", { url: "http://a/b?c=d" }],
    ["fetch {{url}}", "fetch http://a/b?c=d timeout=5", { url: "http://a/b?c=d", timeout: "5" }],
    ["say {{what}}", 'say "a x=1"', { what: "a x=1" }],
    ["say {{what}}", "say ''", { what: "" }],
    ["say {{what}}", "say it's x='a b'", { what: "it's", x: "a b" }],
    ["set {{a}}", 'set b c={"x": {"y": 1}}', { a: "b", c: '{"x": {"y": 1}}' }],
    ["^get (?:the )?{{thing}}$", "get the ball", { thing: "ball" }],
    ["deploy {{app}}", "deployweb", undefined],
  ])("reads %j from %j", (format, text, params) => {
    expect(chat(format, text)).toEqual(params);
  });
});

describe("a format that looks around or back", () => {
  it.each([
    ["deploy (?!prod){{env}}", "deploy test", { env: "test" }],
    ["deploy (?!prod){{env}}", "deploy prod", undefined],
    ["swap (?P<a>\\w+) with (?P=a)", "swap x with x", { a: "x" }],
    ["swap (\\w+) with \\1", "swap x with y", undefined],
    ["(?=.*now)do {{ what }}", "do it now", { what: "it now" }],
    ["a++b {{c}}", "aaab 5", { c: "5" }],
    ["(?>ab|a)c {{d=1}}", "abc", { d: "1" }],
    ["go( {{x}})?(?(1)!|\\?)", "go?", { x: null }],
  ])("%j finds in %j what Python finds", (format, text, params) => {
    expect(answer(format, text)).toEqual(params === undefined ? { match: false, error: "ParseException" } : { match: true, params });
    const inChat = compileFormat(format);
    expect(inChat.kind === "ok" && extract(inChat.format, chatCommand(text.toUpperCase())).length).toBe(params === undefined ? 0 : 1);
  });

  it("is found in no long command, and in none that takes too long", () => {
    const compiled = compileFormat("(?=(a+)+$)x {{ y }}");
    if (compiled.kind === "fault") throw new Error(compiled.why);
    const before = performance.now();
    expect(extract(compiled.format, chatCommand(`${"a".repeat(1_900)}!`))).toEqual([]);
    expect(extract(compiled.format, chatCommand(`x ${"a".repeat(20_000)}`))).toEqual([]);
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

describe("a faulty format", () => {
  it.each([
    ["x (?<=a+)", /look-behind requires fixed-width pattern/],
    ["x (?P=a)", /unknown group name/],
    ["x ({{ a }}", /no valid regular expression/],
    ["x {{ a }} {{ a }}", /twice/],
    ["x {{ a", /not closed/],
    ["x {{ a = }}", /default of a is missing/],
    ["x {{ my-param }}", /can't be the name/],
  ])("%j names its fault", (format, why) => {
    const compiled = compileFormat(format);
    expect(compiled.kind === "fault" ? compiled.why : "").toMatch(why);
  });

  it("takes linear time on what makes other engines hang", () => {
    const compiled = compileFormat("(a+)+$ {{ x }}");
    if (compiled.kind === "fault") throw new Error(compiled.why);
    const before = performance.now();
    expect(extract(compiled.format, chatCommand("a".repeat(20_000)))).toEqual([]);
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

it("a short text is read as a long one is", () => {
  let compared = 0;
  for (const { format, text } of recorded) {
    const compiled = compileFormat(format);
    if (compiled.kind === "fault" || compiled.format.pattern.quick === undefined) continue;
    const { quick: _, ...slow } = compiled.format.pattern;
    const command = chatCommand(text);
    expect(extract({ ...compiled.format, pattern: slow }, command)).toEqual(extract(compiled.format, command));
    compared++;
  }
  expect(compared).toBeGreaterThan(100);
});

it("a short text made of a format's own parts is read as a long one is", () => {
  const formats = ["deploy {{ app }} to {{ env = prod }}", "say {{ what }}", "{{ a = 1 }} and {{ b }}", "'{{ a }}' {{ b }}"];
  const part = fc.constantFrom("deploy ", "say ", " to ", " and ", "'", '"', "{", "}", " ", "x", "=", "Y", "\n", "\u017f");
  fc.assert(
    fc.property(fc.constantFrom(...formats), fc.array(part, { maxLength: 12 }), (format, parts) => {
      const compiled = compileFormat(format);
      if (compiled.kind === "fault") throw new Error(compiled.why);
      const { quick, ...slow } = compiled.format.pattern;
      expect(quick).toBeDefined();
      const command = chatCommand(`${format.split(" ")[0] ?? ""} ${parts.join("")}`);
      expect(extract({ ...compiled.format, pattern: slow }, command)).toEqual(extract(compiled.format, command));
    }),
    { numRuns: 500 },
  );
});
