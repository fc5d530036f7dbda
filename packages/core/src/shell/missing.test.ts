import { expect, test } from "vitest";
import { installHint, missingProgram } from "./missing.ts";
import { commandResult } from "./result.ts";

test.each([
  ["/usr/bin/env: ‘ruby’: No such file or directory\n", "ruby"],
  ["env: 'python3': No such file or directory", "python3"],
  ["env: can't execute 'ruby': No such file or directory", "ruby"],
  ["first words\n/bin/sh: 1: jq: not found\n", "jq"],
  ["bash: line 1: g++: command not found", "g++"],
  ["no luck", undefined],
])("%j misses %s", (stderr, program) => {
  expect(missingProgram({ returnCode: 127, stderr })).toBe(program);
  expect(missingProgram({ returnCode: 1, stderr })).toBeUndefined();
});

test("a program that is missing is named with the package that has it", () => {
  const end = { action: "p.a", returnCode: 127, stdout: "", stderr: "/usr/bin/env: ‘ruby’: No such file or directory\n" };
  expect(commandResult(end)).toMatchObject({
    status: "failed",
    output: { return_code: 127 },
    problem: { message: "p.a failed: ruby is not on the runner's machine", hint: expect.stringContaining("(Debian: apt install ruby)") },
  });
  expect(installHint("/usr/bin/perl")).toContain("apt install perl");
  expect(installHint("terraform")).toBe("Install it where the runner is, or mend the action.");
});
