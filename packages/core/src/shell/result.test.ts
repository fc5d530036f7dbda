import { expect, it } from "vitest";
import { commandEnvironment, commandResult, givenEnvironment, parameterEnvironment, type CommandEnd } from "./result.ts";

const ended = (more: Partial<CommandEnd>) => commandResult({ action: "deploy.roll", returnCode: 0, stdout: "", stderr: "", ...more });

it.each<[string, Partial<CommandEnd>, object]>([
  ["its output without the last line end", { stdout: "a\n\n", stderr: "b\r\n" }, { stdout: "a\n", stderr: "b" }],
  ["what JSON stands for, where all of the output is JSON", { stdout: '{"url": "x"}\n' }, { stdout: { url: "x" } }],
  ["the text, where only a part of it is JSON", { stdout: '{"url": "x"} ok' }, { stdout: '{"url": "x"} ok' }],
])("a command that succeeded gives %s", (_, more, output) => {
  expect(ended(more)).toEqual({
    status: "succeeded",
    output: { failed: false, succeeded: true, return_code: 0, stdout: "", stderr: "", ...output },
  });
});

it.each<[string, Partial<CommandEnd>, string]>([
  ["its code alone, where it said nothing", { returnCode: 3 }, "exit code 3"],
  ["the last line of its errors before that of its output", { returnCode: 3, stdout: "at it\n", stderr: "a\n b \n\n" }, "exit code 3: b"],
  ["the last line of its output, where it has no errors", { returnCode: 3, stdout: "at it\n" }, "exit code 3: at it"],
  ["nothing of its output, where secrets are in that", { returnCode: 3, stdout: "key:\nhunter2\n", unquoted: true }, "exit code 3"],
  ["the signal that ended it", { returnCode: -15, how: "it was ended by SIGTERM", stderr: "a" }, "it was ended by SIGTERM: a"],
  ["what is known better than by its code", { returnCode: 127, why: "there is no ruby", stderr: "a" }, "there is no ruby"],
])("a command that failed says %s", (_, more, why) => {
  expect(ended({ ...more, next: "Try again." })).toMatchObject({
    status: "failed",
    output: { failed: true, succeeded: false, return_code: more.returnCode },
    problem: { code: "action_failed", message: `deploy.roll failed: ${why}`, hint: "Try again." },
  });
});

it("a program finds parameters, configuration and what it is given as texts, and the rest as JSON", () => {
  expect(parameterEnvironment({ a: {}, b: {}, c: {}, d: {} }, { a: "x y", b: [1], c: null, e: "not declared" })).toEqual({
    BELLHOP_PARAM_a: "x y",
    BELLHOP_PARAM_b: "[1]",
  });
  expect(givenEnvironment({ A: "x", B: { c: 1 }, C: null, D: false })).toEqual({ A: "x", B: '{"c":1}', D: "false" });
  expect(givenEnvironment("A=x")).toEqual({});
  const folders = { files: "/desk/files", attach: "/desk/attach" };
  expect(commandEnvironment({ pack: "deploy", run: "01RUN", config: { "api-url": "x", ports: [1] }, folders })).toEqual({
    BELLHOP_CONFIG_api_url: "x",
    BELLHOP_CONFIG_ports: "[1]",
    BELLHOP_ATTACH: "/desk/attach",
    BELLHOP_FILES: "/desk/files",
    ST2_ACTION_DEBUG: "False",
    ST2_ACTION_EXECUTION_ID: "01RUN",
    ST2_ACTION_PACK_NAME: "deploy",
  });
});
