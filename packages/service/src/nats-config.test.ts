import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commonConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "bellhop-nats-config-"));

function layout(yaml: string, env: Record<string, string> = {}) {
  const path = join(folder, "bellhop.yaml");
  writeFileSync(path, yaml);
  return commonConfig({ BELLHOP_FOLDER: folder, BELLHOP_CONFIG: path, ...env }, "operator").layout;
}

test.each([
  ["{}", {}, {}],
  ["nats: { replicas: 3 }", {}, { replicas: 3 }],
  ["nats: { replicas: 3 }", { BELLHOP_NATS_REPLICAS: "1" }, { replicas: 1 }],
  ["nats: { limits: { SEND: { bytes: 2GB, messages: 1000 } } }", {}, { limits: { SEND: { bytes: 2e9, messages: 1000 } } }],
  ["nats: { limits: { ACTION: { messagesPerSubject: 500 } } }", {}, { limits: { ACTION: { messagesPerSubject: 500 } } }],
  [
    "nats: { limits: { KV_attempt: { bytes: 1.5 MB }, OBJ_values: { bytes: unlimited } } }",
    {},
    {
      limits: { KV_attempt: { bytes: 1_500_000 }, OBJ_values: { bytes: -1 } },
    },
  ],
])("%s with %j", (yaml, env, expected) => {
  expect(layout(yaml, env)).toEqual(expected);
});

test.each([
  ["nats: { replicas: 2 }", /nats\.replicas: expected 1, 3 or 5 copies/],
  ["nats: { limits: { SENDS: { bytes: 1 } } }", /nats\.limits/],
  [
    "nats: { limits: { SEND: { bytes: much } } }",
    /nats\.limits\.SEND\.bytes: expected a number of bytes, 500MB, 2GB or unlimited, not much/,
  ],
  ["nats: { limits: { SEND: { messages: 0 } } }", /nats\.limits\.SEND\.messages: expected a number of messages, or unlimited/],
  ["nats: { copies: 3 }", /copies/],
])("%s is refused, and what is expected is said", (yaml, words) => {
  expect(() => layout(yaml)).toThrow(words);
});

test("credentials may be a folder with a file for each role", () => {
  const path = join(folder, "some.nk");
  writeFileSync(path, "SU…");
  const env = { BELLHOP_FOLDER: folder, NATS_URL: "nats://x" };
  expect(commonConfig({ ...env, BELLHOP_CREDENTIALS: folder }, "runner").nats.credentials).toBe(join(folder, "runner.nk"));
  expect(commonConfig({ ...env, BELLHOP_CREDENTIALS: path }, "runner").nats.credentials).toBe(path);
});
