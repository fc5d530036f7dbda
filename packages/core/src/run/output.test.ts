import { ActionDefinition } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { readOutput } from "./output.ts";

const source = { file: "actions/x.yaml", line: 1, column: 1 };
const action = (output: unknown, kind = "local-shell-cmd") =>
  ActionDefinition.parse({ ref: "p.x", pack: "p", name: "x", kind, parameters: {}, output, source });

const fields = { url: { type: "string", required: true }, token: { type: "string", secret: true } };
const list = { type: "array", items: { type: "object", properties: fields } };

const close = (secret: unknown) => `closed ${String(secret)}`;

test.each<[string, unknown, unknown, unknown, RegExp | undefined]>([
  ["fits", { type: "object", properties: fields }, { url: "u" }, { url: "u" }, undefined],
  [
    "is closed where its schema says so",
    { type: "object", properties: fields },
    { url: "u", token: "t" },
    { url: "u", token: "closed t" },
    undefined,
  ],
  ["is closed at any depth", list, [{ url: "u", token: "t" }], [{ url: "u", token: "closed t" }], undefined],
  ["may be declared by its properties alone", fields, { url: "u", token: "t" }, { url: "u", token: "closed t" }, undefined],
  ["lacks something", fields, { token: "t" }, { token: "closed t" }, /p\.x gave a result .*: it should be something with the field url/],
  ["is of another type within", list, [{ url: 5 }], [{ url: 5 }], /: 0\.url should be text/],
  ["is text where it should be JSON, which may hold the secret", fields, "no JSON", "closed no JSON", /: it should be an object/],
  ["is a list where it should be one of what is in it", fields, [{ token: "t" }], "closed [object Object]", /: it should be an object/],
  [
    "is of another shape within",
    { login: { type: "object", properties: fields } },
    { login: "ana:t", url: "u" },
    { login: "closed ana:t", url: "u" },
    /: login should be an object/,
  ],
  ["is nothing", fields, "", "", /: it should be an object/],
  [
    "is closed in whichever branch says so",
    { type: "object", properties: { token: { anyOf: [{ type: "string", secret: true }, { type: "null" }] } } },
    { token: "t" },
    { token: "closed t" },
    undefined,
  ],
  ["is anything where nothing is said", undefined, "text", "text", undefined],
  ["is anything where nothing is said in it", {}, [1], [1], undefined],
])("what a command prints %s", (_, schema, stdout, shown, problem) => {
  const read = readOutput(action(schema), { stdout, stderr: "", return_code: 0 }, close);
  expect(read.output).toEqual({ stdout: shown, stderr: "", return_code: 0 });
  if (problem === undefined) expect(read.problem).toBeUndefined();
  else expect(read.problem?.message).toMatch(problem);
});

test("what another kind gives is looked at as a whole", () => {
  expect(readOutput(action(fields, "typescript"), { url: "u", token: "t" }, close)).toEqual({ output: { url: "u", token: "closed t" } });
  expect(readOutput(action(fields, "typescript"), undefined, close).problem?.code).toBe("output_invalid");
});
