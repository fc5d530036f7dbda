import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { kindContract, kindStage, type Example } from "./kind-contract.ts";
import { typescript } from "./typescript.ts";

/** An action as the loader compiles it. */
function action(run: string, more: { spec?: string; head?: string; input?: Record<string, unknown>; sealed?: string[] } = {}): Example {
  return {
    files: {
      "actions/example.mjs": `import { defineAction, z, ActionFailed } from "@bellhop/sdk";
        import { spawn } from "node:child_process";
        ${more.head ?? ""}
        export default defineAction({ description: "An example", input: z.object({ password: z.string().optional() }), ${more.spec ?? ""}
          run: async ({ input, log, signal, files, attach }) => { ${run} } });`,
    },
    entryPoint: "actions/example.mjs",
    input: more.input ?? {},
    sealed: more.sealed ?? [],
  };
}

kindContract(typescript, {
  hello: action(`console.log("hello"); return { said: "hello" };`),
  failing: action(`throw new Error("no luck");`),
  endless: action(`spawn("setsid", ["sleep", "300"], { stdio: "ignore" }); process.stdout.write("ready"); for (;;);`),
  slowly: action(`console.log("first"); await new Promise((go) => setTimeout(go, 1_000)); console.log("second");`),
  big: action(`return "x".repeat(100_001);`),
  secret: action(`console.log(input.password); return input.password;`, { input: { password: "hunter2" }, sealed: ["password"] }),
  copies: action(`attach("out.txt", readFileSync(files[0].path));`, { head: `import { readFileSync } from "node:fs";` }),
});

let stage: ReturnType<typeof kindStage>;
beforeAll(() => {
  stage = kindStage(typescript);
});
afterAll(async () => await stage.stop());

test("a warm worker carries out one action after the other", async () => {
  const example = action(`return process.pid;`);
  const first = await stage.run(example);
  const second = await stage.run(example);
  expect(second.result.output).toBe(first.result.output);
});

test("two actions at once have a worker each", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bellhop-at-once-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // Each ends when both have begun.
  const example = action(
    `mkdirSync(join(${JSON.stringify(folder)}, String(process.pid)));
     while (readdirSync(${JSON.stringify(folder)}).length < 2) await new Promise((go) => setTimeout(go, 10));
     return process.pid;`,
    { head: `import { mkdirSync, readdirSync } from "node:fs"; import { join } from "node:path";` },
  );
  const [first, second] = await Promise.all([stage.run(example), stage.run(example)]);
  expect([first?.result.status, second?.result.status]).toEqual(["succeeded", "succeeded"]);
  expect(second?.result.output).not.toBe(first?.result.output);
});

test("an action that takes too much memory is told so, with the limit, and the next one finds a worker", async () => {
  const heap = await stage.run(action(`const all = []; for (;;) all.push(new Array(10_000).fill(all.length + 0.5));`));
  expect(heap.result.problem?.message).toContain("ran out of memory: an action may use 64 MB");
  const outside = await stage.run(
    action(`globalThis.all = []; for (;;) { all.push(Buffer.alloc(8 << 20, 1)); await new Promise((go) => setTimeout(go, 5)); }`),
  );
  expect(outside.result.problem?.message).toContain("ran out of memory: an action may use 64 MB");
  expect((await stage.run(action(`return 1;`))).result).toEqual({ status: "succeeded", output: 1 });
});

test("a process that ends under its action is told with how it ended", async () => {
  expect((await stage.run(action(`process.exit(3);`))).result.problem?.message).toContain("exit code 3");
  expect((await stage.run(action(`process.kill(process.pid, "SIGKILL"); for (;;);`))).result.problem?.message).toContain("SIGKILL");
});

test("an error that nothing caught fails the action with its message", async () => {
  const { result } = await stage.run(action(`setTimeout(() => { throw new Error("late trouble"); }, 5); await new Promise(() => {});`));
  expect(result.problem?.message).toContain("late trouble");
});

test("an action that heeds its signal ends in its own words", async () => {
  const example = action(
    `console.log("ready"); await new Promise((_, no) => signal.addEventListener("abort", () => { console.log("tidied up"); no(new Error("stopped")); }));`,
  );
  const { said } = await stage.run(example, { onOutput: (text, end) => text.includes("ready") && end("cancel") });
  expect(said).toContain("tidied up");
});

test("what an action attached stays when its process ends, and media types it named are told", async () => {
  const named = await stage.run(action(`attach("../a.bin", "x", { type: "text/x-own" }); attach("a.bin", "y");`));
  expect(named.result).toEqual({
    status: "succeeded",
    output: null,
    types: { "a.bin": "text/x-own", "a-2.bin": "application/octet-stream" },
  });
  expect(named.left).toEqual({ "a.bin": "x", "a-2.bin": "y" });
  const dying = await stage.run(action(`attach("notes.md", "so far"); process.exit(3);`));
  expect(dying.result.status).toBe("failed");
  expect(dying.left).toEqual({ "notes.md": "so far" });
});

test("programs that an action starts speak into its output, and find no credentials", async () => {
  process.env.NATS_URL = "nats://secret";
  const { said } = await stage.run(
    action(
      `await new Promise((go) => spawn("env", [], { stdio: "inherit" }).on("exit", go)); log.info({ service: "api" }, "deployed"); console.error("err");`,
    ),
  );
  delete process.env.NATS_URL;
  expect(said).toContain("PATH=");
  expect(said).toContain('info deployed {"service":"api"}\n');
  expect(said).toContain("err\n");
  expect(said).not.toContain("NATS_URL");
  expect(said).not.toContain("NODE_COMPILE_CACHE");
});

test("code that can't be loaded, or is no action, is told as the pack's fault", async () => {
  const broken = await stage.run({ files: { "a.mjs": "import './missing.mjs';" }, entryPoint: "a.mjs" });
  expect(broken.result.problem?.message).toContain("can't be loaded");
  const none = await stage.run({ files: { "a.mjs": "export default 1;" }, entryPoint: "a.mjs" });
  expect(none.result.problem?.message).toContain("no action");
});
