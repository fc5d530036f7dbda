// Everything CI runs, in CI's order: format, lint and tests of the set-up itself, then check, lint and test of every package.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { countTests, failedTests, plainText } from "./test-output.mjs";
import { watchLifeline } from "./lifeline.mjs";
import { folderInMemory } from "./memory.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const only = process.argv.slice(2);
const tests = readdirSync(join(root, "bootstrap")).flatMap((name) => (name.endsWith(".test.mjs") ? [`bootstrap/${name}`] : []));
const steps = [
  { name: "format", command: ["oxfmt", "--check"] },
  { name: "lint of bootstrap", command: ["oxlint", "--max-warnings", "0", "bootstrap"] },
  { name: "tests of bootstrap", command: [process.execPath, "--test", ...tests] },
  // Three at a time on two cores: with two a fifth of the time went by in waiting for servers, with more the waiting only gets longer.
  {
    name: "check, lint, test",
    command: ["turbo", "run", "check", "lint", "test", "--concurrency=3", "--ui=stream", "--continue=dependencies-successful"],
  },
].filter((step) => only.length === 0 || only.includes(step.name.split(" ")[0]));

const memory = folderInMemory();
process.once("exit", () => memory?.remove());
const env = {
  ...process.env,
  // Servers of tests write every message to a file, and on a disk the system's work for it is two fifths of what the engine's tests take.
  ...(memory === undefined ? {} : { TMPDIR: memory.path }),
  PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  BELLHOP_LIFELINE_FD: undefined,
  // Tests start our programs hundreds of times, and without it each compiles all its sources again: three quarters of what such a start costs.
  NODE_COMPILE_CACHE: join(root, "node_modules/.cache/compiled"),
};
let running;
watchLifeline(end);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, end);
const results = [];
for (const step of steps) {
  process.stdout.write(`\n== ${step.name}: ${step.command.join(" ")}\n`);
  const began = Date.now();
  const { code, output } = await run(step.command);
  results.push({ ...step, code, seconds: (Date.now() - began) / 1000, tests: countTests(output), failed: failedTests(output) });
}

for (const failed of results.flatMap((result) => result.failed)) process.stdout.write(`\nFAIL  ${failed}\n`);
process.stdout.write("\n");
for (const { name, code, seconds } of results) process.stdout.write(`${code === 0 ? "ok  " : "FAIL"}  ${name} (${seconds.toFixed(1)} s)\n`);
const sum = (key) => results.reduce((total, result) => total + result.tests[key], 0);
const failedSteps = results.filter((result) => result.code !== 0).length;
// A step that fails without a failing test (a type error, say) counts as one.
process.stdout.write(`\n${sum("passed")} passed, ${Math.max(sum("failed"), failedSteps)} failed, ${sum("skipped")} skipped\n`);
process.exitCode = failedSteps === 0 ? 0 : 1;

function end() {
  // turbo ends its tasks on SIGTERM; on SIGKILL it could not.
  running?.kill("SIGTERM");
  setTimeout(() => process.exit(1), 1_000);
}

/** Shows the step's output as it comes and keeps its plain text for the count. */
function run([command, ...args]) {
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  running = child;
  let output = "";
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    from.setEncoding("utf8").on("data", (text) => {
      to.write(text);
      output += plainText(text);
    });
  }
  return new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve({ code: 1, output });
    });
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
