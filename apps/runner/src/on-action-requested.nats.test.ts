import { createHash } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openKv } from "@bellhop/bus";
import { attemptKey, buckets, PackVersion, subjects, type OutputChunk } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { startScene, type Scene } from "./testing.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
  await scene.runner();
});
afterAll(async () => await scene.end());

async function carriedOut(...request: Parameters<Scene["request"]>) {
  return (await scene.result(await scene.request(...request))).outcome;
}

test("a request becomes a result, and its record says finished", async () => {
  const request = await scene.request("noop");
  const { outcome, runner } = await scene.result(request);
  expect(outcome).toMatchObject({ status: "succeeded", output: { inline: { done: true } } });
  await expect.poll(() => scene.record(request)).toMatchObject({ state: "finished", runner });
});

test("the same request twice is carried out once", async () => {
  const file = scene.file();
  const request = await scene.request("append", { file });
  await scene.result(request);
  await scene.bus.publish(subjects.action.requested, request, { id: "again" });
  await scene.result(await scene.request("noop"));
  expect(scene.lines(file)).toEqual(["started"]);
});

test("a revoked attempt is left alone", async () => {
  const file = scene.file();
  const more = { run: "01REVOKED0000000000000000", attempt: 2 };
  const record = {
    v: 1,
    task: "main",
    runner: "",
    epoch: "",
    state: "revoked",
    repeatable: false,
    at: new Date().toISOString(),
    ...more,
  } as const;
  await scene.bus.bucket(buckets.attempt).create(attemptKey(record), record);
  await scene.request("append", { file }, more);
  await scene.result(await scene.request("noop"));
  expect(scene.lines(file)).toEqual([]);
  expect(scene.results.some(({ run }) => run === more.run)).toBe(false);
});

test("an action or a kind that is not there is told", async () => {
  expect((await carriedOut("nothing")).problem?.code).toBe("action_unknown");
  expect((await carriedOut("odd")).problem?.code).toBe("kind_unknown");
});

test("a result above the inline limit travels by reference", async () => {
  const { output } = await carriedOut("large");
  expect(output).toMatchObject({ ref: { bytes: expect.any(Number) } });
  expect(output && (await scene.bus.loadValue(output))).toBe("x".repeat(200_000));
});

test("secrets are opened for the action and masked in its result and live output", async () => {
  const { said, hearing } = hear();
  const outcome = await carriedOut("tell", { password: scene.keyring.seal("hunter2") });
  expect(outcome.output).toEqual({ inline: { told: "[secret]" } });
  await expect.poll(() => said.map(({ text }) => text).join("")).toBe("the password is [secret]\n");
  hearing.stop();
});

test("an action keeps values for its pack; a secret that it reads is masked in what it says, and sealed where it lies", async () => {
  const { said, hearing } = hear();
  const [first, second] = [await carriedOut("keep"), await carriedOut("keep")];
  const names = ["count", "short", "token"];
  expect(first.output).toEqual({ inline: { token: "[secret]", count: 1, names, gone: true, none: null } });
  expect(second.output).toMatchObject({ inline: { count: 2 } });
  await expect.poll(() => said.map(({ text }) => text).join("")).toBe("the token is [secret]\n".repeat(2));
  hearing.stop();
  const kept = await openKv(scene.bus).list({ scope: "pack" });
  expect(kept.map(({ name, secret, by }) => [name, secret, by])).toEqual([
    ["count", undefined, "action:test.keep"],
    ["token", true, "action:test.keep"],
  ]);
  expect(JSON.stringify(kept)).not.toContain("hunter-of-secrets");
});

test("packs have the installation's values, unless it says that only some do", async () => {
  await openKv(scene.bus).set({ scope: "system", name: "region" }, { value: "eu", by: "test" });
  expect((await carriedOut("system")).output).toEqual({ inline: "eu" });
  await scene.clear();
  await scene.runner({ systemValues: ["other"] });
  expect((await carriedOut("system")).problem?.message).toContain("may not have the values of the whole installation");
  await scene.clear();
  await scene.runner();
});

test("what a command prints is sealed where its schema calls it a secret, and has to fit it only where the installation says so", async () => {
  const { said, hearing } = hear();
  const good = await carriedOut("declared", { cmd: `echo '{"url": "u", "key": "hunter-of-keys"}'; echo hunter-of-keys >&2` });
  expect(good).toMatchObject({ status: "succeeded", output: { inline: { stdout: { url: "u" }, stderr: "[secret]" } } });
  expect(JSON.stringify(good)).not.toContain("hunter-of-keys");
  expect(scene.keyring.openAll(good.output)).toMatchObject({ inline: { stdout: { key: "hunter-of-keys" } } });
  await expect.poll(() => said.map(({ text }) => text).join("")).toContain("it is shown when it has ended");
  expect(said.filter(({ stream }) => stream === "stdout")).toEqual([]);
  hearing.stop();
  const failed = await carriedOut("declared", { cmd: "echo the key is; echo hunter-of-keys; exit 3" });
  expect(failed).toMatchObject({ status: "failed", problem: { message: "test.declared failed: exit code 3" } });
  expect(JSON.stringify(failed)).not.toContain("hunter-of-keys");
  const bad = { cmd: `echo '{"key": "k"}'` };
  expect((await carriedOut("declared", bad)).status).toBe("succeeded");
  await scene.clear();
  await scene.runner({ checkOutput: true });
  expect(await carriedOut("declared", bad)).toMatchObject({
    status: "failed",
    problem: { code: "output_invalid" },
    output: { inline: { stdout: { key: { $sealed: {} } } } },
  });
  await scene.clear();
  await scene.runner();
});

test("secrets sealed under another key fail the attempt with the reason", async () => {
  const $sealed = { kid: "other", iv: "", data: "", tag: "" };
  const { problem } = await carriedOut("tell", { password: { $sealed } });
  expect(problem?.message).toContain("its secrets can't be opened");
});

test("live output arrives in pieces, numbered from 0", async () => {
  const { said, hearing } = hear();
  // What is printed within a moment is one piece: it goes on once the first was heard.
  const file = scene.file();
  const cmd = `echo one; while [ ! -e ${file} ]; do sleep 0.05; done; echo two; echo three >&2`;
  const request = await scene.request("shell", { cmd });
  await expect.poll(() => said.length).toBe(1);
  writeFileSync(file, "");
  await scene.result(request);
  await expect.poll(() => said.length).toBeGreaterThanOrEqual(3);
  expect(said.map(({ seq }) => seq)).toEqual(said.map((_, index) => index));
  expect(said[0]).toMatchObject({ run: request.run, attempt: 1, stream: "stdout", text: "one\n" });
  hearing.stop();
});

test("what takes too long is stopped, in any kind", async () => {
  const more = { timeoutMs: 300 };
  const file = scene.file();
  for (const outcome of [await carriedOut("shell", { cmd: "echo so far; sleep 300" }, more), await carriedOut("loop", { file }, more)]) {
    expect(outcome).toMatchObject({ status: "timeout", problem: { code: "action_timeout" } });
  }
});

test("a cancel that is heard ends the work within a second", async () => {
  const file = scene.file();
  const request = await scene.request("loop", { file });
  await expect.poll(() => scene.lines(file)).toEqual(["started"]);
  const from = performance.now();
  scene.bus.tell(subjects.control, { v: 1, run: request.run, kind: "cancel" });
  expect((await scene.result(request)).outcome.status).toBe("canceled");
  expect(performance.now() - from).toBeLessThan(10_000);
});

test("a cancel that was not heard is found in the record", async () => {
  const file = scene.file();
  const request = await scene.request("append", { file, wait: 45_000 });
  await expect.poll(() => scene.lines(file)).toEqual(["started"]);
  const bucket = scene.bus.bucket(buckets.attempt);
  const entry = await bucket.get(attemptKey(request));
  if (entry) await bucket.update(entry.key, { ...entry.value, cancel: true }, entry.revision);
  expect((await scene.result(request)).outcome.status).toBe("canceled");
  await expect.poll(() => scene.record(request)).toMatchObject({ state: "finished", cancel: true });
});

test("a request whose pack is missing waits for it, and in the end is told so", async () => {
  const waiting = await scene.request("noop", {}, { digest: "not-there" });
  await scene.result(await scene.request("noop"));
  expect(await scene.record(waiting)).toBeUndefined();
  expect((await scene.result(waiting)).outcome).toMatchObject({ status: "failed", problem: { code: "pack_unavailable" } });
});

test("a request whose pack depends on what is made for another platform is left to others, and in the end it is told why", async () => {
  const digest = "f".repeat(64);
  const version = PackVersion.parse({
    v: 1,
    name: "heavy",
    version: "1.0.0",
    digest,
    actions: [],
    aliases: [],
    modules: { hash: "a".repeat(64), platform: "plan9-mips" },
  });
  await activatePack(scene.bus, { version, files: { v: 1, digest, files: [] } });
  const request = await scene.request("noop", {}, { digest });
  await scene.result(await scene.request("noop"));
  expect(await scene.record(request)).toBeUndefined();
  expect((await scene.result(request)).outcome).toMatchObject({
    status: "failed",
    problem: { code: "pack_foreign", message: expect.stringContaining("heavy 1.0.0 has dependencies that are made for plan9-mips") },
  });
});

test("what a pack depends on is fetched with it, once for all versions that share it", async () => {
  const text = "module.exports = 'of the tool';";
  const tar = await packTar([{ header: { name: "node_modules/tool/index.js", size: text.length }, body: text }]);
  const modules = { hash: createHash("sha256").update(tar).digest("hex"), read: async () => await Promise.resolve(gzipSync(tar)) };
  const code = (n: number) => `import tool from "tool";
    import { defineAction } from "@bellhop/sdk";
    export default defineAction({ description: "x", run: () => tool + " ${n}" });`;
  const source = { file: "actions/use.ts", line: 1, column: 1 };
  const action = {
    ref: "tools.use",
    pack: "tools",
    name: "use",
    kind: "typescript",
    entryPoint: "actions/use.mjs",
    parameters: {},
    source,
  };
  for (const n of [1, 2]) {
    const digest = String(n).repeat(64);
    const facts = { v: 1, name: "tools", version: `${n}.0.0`, digest, actions: [action], aliases: [], modules: { hash: modules.hash } };
    const file = { path: "actions/use.mjs", executable: false, base64: Buffer.from(code(n)).toString("base64") };
    await activatePack(scene.bus, { version: PackVersion.parse(facts), files: { v: 1, digest, files: [file] }, modules });
  }
  const both = await Promise.all([1, 2].map((n) => carriedOut("use", {}, { action: "tools.use", digest: String(n).repeat(64) })));
  expect(both).toMatchObject([{ output: { inline: "of the tool 1" } }, { output: { inline: "of the tool 2" } }]);
  expect(readdirSync(join(scene.folder, "cache", "versions", "modules"))).toEqual([modules.hash]);
  expect(existsSync(join(scene.folder, "packs"))).toBe(false);
});

/** What is said live from now on. */
function hear() {
  const said: OutputChunk[] = [];
  const hearing = scene.bus.hear(subjects.run.output, subjects.run.output.filter(), (chunk) => said.push(chunk));
  return { said, hearing };
}
