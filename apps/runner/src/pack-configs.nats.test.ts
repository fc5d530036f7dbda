import { openKv } from "@bellhop/bus";
import { buckets, configKey, kvPurpose, type PackConfig } from "@bellhop/contracts";
import { givenConfig, openKeyring } from "@bellhop/service";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startScene, type Scene } from "./testing.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({
    config: {
      url: { type: "string", default: "https://a.test" },
      token: { type: "string", secret: true, required: true, description: "From the page" },
      tries: { type: "integer" },
    },
  });
});
afterEach(async () => await scene.clear());
afterAll(async () => await scene.end());

/** What was set of the pack, or of an instance of it; undefined: nothing. */
async function stored(values: PackConfig["values"] | undefined, instance?: string): Promise<void> {
  const bucket = scene.bus.bucket(buckets.config);
  const key = configKey({ pack: "test", ...(instance === undefined ? {} : { instance }) });
  if (values === undefined) await bucket.delete(key);
  else await bucket.put(key, { v: 1, values });
}

const sealed = (text: string) => scene.keyring.seal(text);
const outcomeOf = async (...request: Parameters<Scene["request"]>) => (await scene.result(await scene.request(...request))).outcome;
/** Until the runner has heard of what was changed. */
const configured = async (expected: object, more: Parameters<Scene["request"]>[2] = {}) =>
  await expect.poll(async () => await outcomeOf("configured", {}, more)).toMatchObject(expected);

test("an attempt is given what is set when it begins, without a restart, secrets opened and masked in what comes back", async () => {
  await stored({ token: sealed("first-token") });
  await scene.runner();
  const output = (length: number) => ({ inline: { url: "https://a.test", token: "[secret]", length } });
  await configured({ status: "succeeded", output: output("first-token".length) });
  await stored({ token: sealed("another-token"), tries: 2 });
  await configured({ output: { inline: { tries: 2, length: "another-token".length } } });
});

test("what a required value is missing for fails before it starts, and says which command sets it", async () => {
  await stored(undefined);
  const file = scene.file();
  await scene.runner();
  const { status, problem, ms } = await outcomeOf("append", { file });
  expect({ status, ms }).toEqual({ status: "failed", ms: undefined });
  expect(problem).toMatchObject({
    code: "pack_config_missing",
    message: "test.append needs token (From the page) in the configuration of test.",
    hint: expect.stringContaining("`bellhop pack config set test token`") as string,
  });
  expect(scene.lines(file)).toEqual([]);
  await stored({ token: sealed("t0ken") });
  await configured({ status: "succeeded" });
});

test("an instance stands on top of the unnamed one; one that is not there fails with what was meant", async () => {
  await stored({ token: sealed("unnamed"), tries: 1 });
  await stored({ token: sealed("of-work") }, "work");
  await scene.runner();
  await configured({ output: { inline: { tries: 1, length: "of-work".length } } }, { config: "work" });
  await configured({ output: { inline: { tries: 1, length: "unnamed".length } } });
  expect(await outcomeOf("configured", {}, { config: "wrok" })).toMatchObject({
    status: "failed",
    problem: { code: "pack_config_instance_unknown", hint: expect.stringMatching(/^Did you mean work\?/) as string },
  });
});

test("a machine's own environment and files win, and secrets in them are masked as well; a command finds values in its environment", async () => {
  await stored({ token: sealed("stored-token"), tries: 1 });
  const env = { BELLHOP_CONFIG_TEST_TOKEN: "env-token" };
  await scene.runner({ given: givenConfig(env, { packConfig: { test: { url: "https://b.test", tries: 5 } } }) });
  const cmd = 'echo "$BELLHOP_CONFIG_url $BELLHOP_CONFIG_tries $BELLHOP_CONFIG_token ${#BELLHOP_CONFIG_token}"';
  expect(await outcomeOf("shell", { cmd })).toMatchObject({
    status: "succeeded",
    output: { inline: { stdout: `https://b.test 5 [secret] ${"env-token".length}` } },
  });
});

test("a secret that was sealed under another key fails the attempt with what to do, where nothing else gives it", async () => {
  const other = await openKeyring(scene.file());
  await stored({ token: other.seal("x") });
  await scene.runner({ given: givenConfig({ BELLHOP_CONFIG_TEST_TOKEN: "env-token" }, {}) });
  expect(await outcomeOf("configured")).toMatchObject({ status: "succeeded" });
  await scene.clear();
  await scene.runner();
  expect(await outcomeOf("configured")).toMatchObject({
    status: "failed",
    problem: { code: "pack_config_unread", message: expect.stringContaining("sealed under key") as string },
  });
});

test("a value that can't be is told, and not what it is where it is secret", async () => {
  await stored({ token: "plain", tries: "many" });
  await scene.runner();
  expect(await outcomeOf("configured")).toMatchObject({
    problem: {
      code: "pack_config_invalid",
      message: expect.stringContaining('tries in the configuration of test can\'t be "many"') as string,
    },
  });
});

test("what a configuration takes from the datastore is read for each attempt, as whoever asked sees it, and is masked where it is secret", async () => {
  const kv = openKv(scene.bus);
  const by = "test";
  const user = "slack:T1/U1";
  await stored({ token: "{{ st2kv.system.token }}", url: "https://{{ st2kv.user.host }}", tries: "{{ st2kv.system.tries | default(1) }}" });
  await kv.set({ scope: "user", owner: user, name: "host" }, { value: "first.test", by });
  await scene.runner();
  await configured(
    { status: "failed", problem: { message: expect.stringContaining("there is no st2kv.system.token") as string } },
    { user },
  );
  const secret = scene.keyring.seal("kept-elsewhere", kvPurpose);
  await kv.set({ scope: "system", name: "token" }, { value: secret, secret: true, by });
  const seen = { token: "[secret]", length: "kept-elsewhere".length };
  expect(await outcomeOf("configured", {}, { user })).toMatchObject({
    output: { inline: { ...seen, url: "https://first.test", tries: 1 } },
  });
  await kv.set({ scope: "user", owner: user, name: "host" }, { value: "second.test", by });
  await kv.set({ scope: "system", name: "tries" }, { value: 7, by });
  expect(await outcomeOf("configured", {}, { user })).toMatchObject({
    output: { inline: { ...seen, url: "https://second.test", tries: 7 } },
  });
  expect(await outcomeOf("configured")).toMatchObject({
    problem: {
      code: "pack_config_template",
      message: "url in the configuration of test can't be taken from the datastore: there is no st2kv.user.host.",
      hint: "Set it with: `bellhop kv set host VALUE --user rule`.",
    },
  });
});
