import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, root } from "./workspace.ts";

test("the lockfile names no host, and every package in it is pinned by its hash", () => {
  const lock = readFileSync(join(root, "pnpm-lock.yaml"), "utf8");
  expect(lock).not.toMatch(/https?:\/\/|tarball:/);
  expect(lock.match(/resolution: \{(?!integrity)/g) ?? []).toEqual([]);
});

test("only configuration reads the environment, so that one place says what there is to set", () => {
  // What a process of the runner starts gets a scrubbed copy of the environment, which has to be read for that.
  const allowed =
    /config\.ts$|\/main\.ts$|\.test\.ts$|\/testing\.ts$|^packages\/sdk\/src\/testing\/|^packages\/service\/src\/(crash-point|run-main)\.ts$|^packages\/testkit\/|\/fixtures\/|^apps\/runner\/src\/process\//;
  const offenders = [...files("packages", ".ts"), ...files("apps", ".ts")]
    .filter((file) => !allowed.test(file))
    .filter((file) => /process\.env\b/.test(readFileSync(join(root, file), "utf8")));
  expect(offenders).toEqual([]);
});

test("there are no junk drawers", () => {
  const drawers = files("", ".ts").filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(file));
  expect(drawers).toEqual([]);
});
