import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileFormat, extract, type AliasParameters } from "./format.ts";

interface Case {
  id: string;
  format: string;
  text: string;
  match_multiple?: boolean;
  expected: { match: true; params: AliasParameters } | { match: false; error: "ParseException" | "error" };
}

/** Recorded from StackStorm's own parser. */
const recorded = readFileSync(new URL("samples/extract.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case)
  .filter((one) => one.match_multiple !== true);

/** Where we differ on purpose. */
const different: Record<string, string> = {
  "alias/regexflags": "flags in front of a format are understood, not refused",
  "alias/spaceparam": "a parameter that can be none is a fault of the format, not literal text",
  "alias/defjinja": "braces in a default belong to it",
};

function answer(format: string, text: string): Case["expected"] {
  const compiled = compileFormat(format);
  if (compiled.kind === "fault") return { match: false, error: "error" };
  const params = extract(compiled.format, text, "strict");
  return params === undefined ? { match: false, error: "ParseException" } : { match: true, params };
}

describe("a format in strict mode", () => {
  it.each(recorded.filter(({ id }) => different[id.replace(/\/\d+$/, "")] === undefined))("answers $id as StackStorm does", (one) => {
    const { expected } = one;
    expect(answer(one.format, one.text)).toEqual(
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
    return compiled.kind === "fault" ? compiled.why : extract(compiled.format, text, "chat");
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

describe("a faulty format", () => {
  it.each([
    ["x (?=a)", /look-around/],
    ["x (?P<a>b)(?P=a)", /back-references/],
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
    expect(extract(compiled.format, "a".repeat(20_000), "strict")).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});
