import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { apiConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "bellhop-api-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(yaml: string, env: Record<string, string> = {}) {
  const file = join(folder, "bellhop.yaml");
  writeFileSync(file, yaml);
  return apiConfig({ BELLHOP_CONFIG: file, BELLHOP_FOLDER: folder, ...env });
}

test.each([
  ["api: { listen: 8080 }", { host: "127.0.0.1", port: 8080 }],
  ['api: { listen: "8080" }', { host: "127.0.0.1", port: 8080 }],
  ["api: { listen: 0.0.0.0:8080 }", { host: "0.0.0.0", port: 8080 }],
  ['api: { listen: ":8080" }', { host: "0.0.0.0", port: 8080 }],
  ['api: { listen: "[::1]:8080" }', { host: "::1", port: 8080 }],
  ["api: {}", undefined],
])("%s listens at %o", (yaml, listen) => {
  expect(read(yaml).listen).toEqual(listen);
});

test("the environment wins over the file", () => {
  expect(read("api: { listen: 8080 }", { BELLHOP_API_LISTEN: "9090" }).listen?.port).toBe(9090);
});

test.each(["api: { listen: everywhere }", "api: { listen: 80800 }"])("%s is refused with what is expected", (yaml) => {
  expect(() => read(yaml)).toThrow(/api\.listen: expected HOST:PORT or PORT/);
});

test("while senders go over to another secret, both are taken", () => {
  const { hooks } = read("api: { hooks: { push: { signature: github, token: new, previousToken: old } } }");
  expect(hooks["push"]?.secrets.map((secret) => secret.reveal())).toEqual(["new", "old"]);
});

test.each(["token: ''", "token: new, previousToken: ''"])("a secret of nothing is none: %s", (secrets) => {
  expect(() => read(`api: { hooks: { push: { signature: github, ${secrets} } } }`)).toThrow(/oken: expected the secret/);
});

test("a hook is found whatever slashes are around its path, and its secret is none to print", () => {
  const { hooks } = read("api: { hooks: { /github/push/: { signature: github, token: s3cret } } }");
  expect(hooks["github/push"]?.signature).toBe("github");
  expect(JSON.stringify(hooks)).not.toContain("s3cret");
});
