import { afterAll, beforeAll, expect, test } from "vitest";
import { kindContract, kindStage, type Example } from "./kind-contract.ts";
import { localShellScript } from "./local-shell-script.ts";

function script(text: string, more: Example = {}): Example {
  return { files: { "actions/run me.sh": text }, entryPoint: "actions/run me.sh", ...more };
}

kindContract(localShellScript, {
  hello: script("#!/bin/sh\necho hello\n"),
  failing: script("#!/bin/sh\necho no luck >&2; exit 3\n"),
  endless: script("#!/bin/sh\ntrap '' TERM; setsid sleep 300 & echo ready; while :; do sleep 300; done\n"),
  slowly: script("#!/bin/sh\necho first; sleep 1; echo second\n"),
  big: script("#!/bin/sh\nhead -c 100001 /dev/zero | tr '\\0' x\n"),
  secret: script('#!/bin/sh\necho "$BELLHOP_PARAM_password"\n', {
    parameters: { password: { type: "string", secret: true } },
    input: { password: "hunter2" },
    sealed: ["password"],
  }),
  copies: script('#!/bin/sh\ncp "$BELLHOP_FILES/in.txt" "$BELLHOP_ATTACH/out.txt"\n'),
});

let stage: ReturnType<typeof kindStage>;
beforeAll(() => {
  stage = kindStage(localShellScript);
});
afterAll(async () => await stage.stop());

const show = '#!/bin/sh\nfor a in "$@"; do echo "<$a>"; done\n';

test("arguments arrive as they are: no shell reads them", async () => {
  const { result } = await stage.run(
    script(show, {
      parameters: { name: { type: "string" }, path: { type: "string", position: 0 } },
      input: { name: "$(id) `id` 'x'", path: "a b\n; c" },
    }),
  );
  expect(result.output).toMatchObject({ stdout: "<--name=$(id) `id` 'x'>\n<a b\n; c>" });
});

test("a secret is in the environment, and only an empty place among the arguments", async () => {
  const { result } = await stage.run(
    script(`${show}test "$BELLHOP_PARAM_password" = hunter2 && echo there`, {
      parameters: { password: { type: "string", secret: true, position: 0 }, path: { type: "string", position: 1 } },
      input: { password: "hunter2", path: "p" },
      sealed: ["password"],
    }),
  );
  expect(result.output).toMatchObject({ stdout: "<>\n<p>\nthere" });
});

test("any language may carry it out", async () => {
  const { result } = await stage.run({
    files: { "actions/a.mjs": `#!${process.execPath}\nconsole.log(process.argv[2]);\n` },
    entryPoint: "actions/a.mjs",
    parameters: { x: { type: "integer" } },
    input: { x: 1 },
  });
  expect(result.output).toMatchObject({ stdout: "--x=1" });
});

test("an interpreter that is missing is named, and so is a script that is", async () => {
  expect((await stage.run(script("#!/usr/bin/perl7 -w\n"))).result.problem?.message).toContain(
    "needs /usr/bin/perl7 -w, which is not here",
  );
  const found = (await stage.run(script("#!/usr/bin/env lua\n", { input: { env: { PATH: "/nowhere" } } }))).result.problem;
  expect(found).toMatchObject({
    message: "test.example failed: lua is not on the runner's machine",
    hint: expect.stringContaining("apt install lua5.4"),
  });
  expect((await stage.run({ entryPoint: "actions/gone.sh" })).result.problem?.message).toContain("the pack has no actions/gone.sh");
});
