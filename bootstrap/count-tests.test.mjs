import assert from "node:assert/strict";
import { test } from "node:test";
import { countTests, plainText } from "./count-tests.mjs";

test("vitest's and node's closing lines are added up, colours and turbo's prefixes aside", () => {
  const output = plainText(
    [
      "@bellhop/core:test:  Test Files  2 passed (2)",
      "@bellhop/core:test:       Tests  \u001b[32m12 passed\u001b[39m | 1 failed | 2 skipped (15)",
      "@bellhop/bus:test:       Tests  3 passed (3)",
      "ℹ tests 5",
      "ℹ pass 4",
      "ℹ fail 1",
      "ℹ skipped 0",
    ].join("\n"),
  );
  assert.deepEqual(countTests(output), { passed: 19, failed: 2, skipped: 2 });
});
