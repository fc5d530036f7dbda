import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { engineConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "bellhop-engine-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(yaml: string) {
  const file = join(folder, "bellhop.yaml");
  writeFileSync(file, yaml);
  return engineConfig({ BELLHOP_CONFIG: file, BELLHOP_FOLDER: folder });
}

test("the access list is read as it is written", () => {
  expect(read('access:\n  - { who: ["slack:T1/U2", "room:slack:T1/C9"], what: ["linux.*", "alias:core.echo"] }\n').access).toEqual([
    { who: ["slack:T1/U2", "room:slack:T1/C9"], what: ["linux.*", "alias:core.echo"] },
  ]);
  expect(read("owners: []\n").access).toEqual([]);
});

test("rooms have names, alone or with the account that speaks there", () => {
  expect(read("rooms:\n  ops: slack:T1/C9\n  dev: { room: 'matrix:!dev:example.org', account: '@b:example.org' }\n").rooms).toEqual({
    ops: [{ room: "slack:T1/C9" }],
    dev: [{ room: "matrix:!dev:example.org", account: "@b:example.org" }],
  });
  expect(read("rooms:\n  all: ['slack:T1/C9', { room: 'slack:T2/C7', account: T2-U9 }]\n").rooms).toEqual({
    all: [{ room: "slack:T1/C9" }, { room: "slack:T2/C7", account: "T2-U9" }],
  });
  expect(() => read("rooms: { ops: '#ops' }\n")).toThrow(/rooms\.ops: .*expected platform:\[space\/\]id/);
});

test("the address of a run's page has a place for the run", () => {
  expect(read("runPage: https://ops.example.com/runs/{run}\n").runPage).toBe("https://ops.example.com/runs/{run}");
  expect(() => read("runPage: https://ops.example.com/runs\n")).toThrow(/runPage: .*expected \{run\} in it/);
});

test("each fault of the access list names its entry, and what was expected", () => {
  const yaml =
    'access:\n  - { who: ["slack:T1/U2"], what: ["linux"] }\n  - { who: ["@erin"], what: ["*"] }\n  - { who: ["*"], whatt: ["*"] }\n';
  const faults = () => read(yaml);
  expect(faults).toThrow(/access\.0\.what\.0: "linux" is nothing to run: .*expected e\.g\. linux\.\*/);
  expect(faults).toThrow(/access\.1\.who\.0: "@erin" names nobody: .*expected e\.g\. slack:T1\/U2/);
  expect(faults).toThrow(/access\.2.*whatt/);
});
