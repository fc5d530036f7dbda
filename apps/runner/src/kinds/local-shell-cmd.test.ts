import { afterAll, beforeAll, expect, test } from "vitest";
import { kindContract, kindStage } from "./kind-contract.ts";
import { localShellCmd } from "./local-shell-cmd.ts";

const cmd = (text: string) => ({ input: { cmd: text } });

kindContract(localShellCmd, {
  hello: cmd("echo hello"),
  failing: cmd("echo no luck >&2; exit 3"),
  endless: cmd("trap '' TERM; setsid sleep 300 & echo ready; while :; do sleep 300; done"),
  slowly: cmd("echo first; sleep 1; echo second"),
  big: cmd("head -c 100001 /dev/zero | tr '\\0' x"),
  secret: { input: { cmd: "echo hunter2", password: "hunter2" }, sealed: ["cmd", "password"] },
  copies: cmd('cat "$BELLHOP_FILES"/* > "$BELLHOP_ATTACH/out.txt"'),
});

let stage: ReturnType<typeof kindStage>;
beforeAll(() => {
  stage = kindStage(localShellCmd);
});
afterAll(async () => await stage.stop());

test("the result has StackStorm's keys; one trailing newline goes, and JSON is taken apart", async () => {
  expect((await stage.run(cmd("printf 'a\\n\\n'; printf 'e\\n' >&2"))).result).toEqual({
    status: "succeeded",
    output: { failed: false, succeeded: true, return_code: 0, stdout: "a\n", stderr: "e" },
  });
  expect((await stage.run(cmd(`echo '{"a": [1]}'`))).result.output).toMatchObject({ stdout: { a: [1] } });
});

test("a failure has its exit code and the last thing it said", async () => {
  const { result } = await stage.run(cmd("echo one >&2; echo two >&2; exit 7"));
  expect(result.output).toEqual({ failed: true, succeeded: false, return_code: 7, stdout: "", stderr: "one\ntwo" });
  expect(result.problem?.message).toBe("test.example failed: exit code 7: two");
});

test("a command that a signal ended has the signal's negative number, as in StackStorm", async () => {
  const { result } = await stage.run(cmd("kill -HUP $$"));
  expect(result.output).toMatchObject({ return_code: -1, failed: true });
  expect(result.problem?.message).toContain("ended by SIGHUP");
});

test("a time-out keeps what was said so far, with the return code -9", async () => {
  const { result } = await stage.run(cmd("echo so far; sleep 300"), { onOutput: (_, end) => end("timeout") });
  expect(result.output).toMatchObject({ return_code: -9, stdout: "so far", error: "Action failed to complete in 1 seconds" });
});

test("it runs where cwd says, with the environment it was given and StackStorm's names", async () => {
  const { result } = await stage.run({
    input: { cmd: "pwd; echo $MINE $LIST $ST2_ACTION_PACK_NAME $ST2_ACTION_EXECUTION_ID", cwd: "/usr", env: { MINE: "1", LIST: [2] } },
  });
  expect(result.output).toMatchObject({ stdout: "/usr\n1 [2] test R" });
});

test("a folder that is not there is named", async () => {
  const { result } = await stage.run({ input: { cmd: "true", cwd: "/no/such/folder" } });
  expect(result.problem?.message).toContain("there is no folder /no/such/folder");
});

test("a command with a secret stands in no process list, and its output is masked", async () => {
  const { result } = await stage.run({
    input: { cmd: "printf %s hunter2 | cat; cat </dev/null; tr '\\0' ' ' </proc/$$/cmdline; env", password: "hunter2" },
    sealed: ["cmd", "password"],
  });
  const { stdout } = result.output as { stdout: string };
  expect(stdout.startsWith("[secret]")).toBe(true);
  expect(stdout.match(/\[secret\]/g)).toHaveLength(1);
  expect(stdout).not.toContain("hunter2");
});

test("a command that asks for sudo is not run as somebody else", async () => {
  const { result } = await stage.run({ input: { cmd: "echo no", sudo: true } });
  expect(result.problem?.message).toBe("test.example failed: no runner does sudo");
  expect(result.output).toBeUndefined();
});

test("output beyond the limit is cut with a note", async () => {
  const { result } = await stage.run(cmd("head -c 9000000 /dev/zero | tr '\\0' x"));
  const { stdout } = result.output as { stdout: string };
  expect(stdout.length).toBeLessThan(8 * 1024 * 1024 + 70_000);
  expect(stdout).toMatch(/\[cut: \d+ more bytes\]$/);
});
