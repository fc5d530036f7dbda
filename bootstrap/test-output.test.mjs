import assert from "node:assert/strict";
import { test } from "node:test";
import { countTests, failedTests, plainText } from "./test-output.mjs";

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

test("of failed tests the name and the beginning of what they said are kept, though packages speak at once", () => {
  const output = plainText(
    [
      "@bellhop/core:test:  ❯ src/a.test.ts (2 tests | 1 failed) 12ms",
      "@bellhop/core:test: ⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯",
      "@bellhop/core:test: ",
      "@bellhop/core:test: \u001b[41m FAIL \u001b[49m src/a.test.ts > a name",
      "@bellhop/bus:test:  FAIL  src/b.test.ts > another",
      "@bellhop/core:test: AssertionError: expected 1 to be 2",
      "@bellhop/bus:test: TestTimeoutError: Test timed out in 60000ms.",
      "@bellhop/core:test:  ❯ src/a.test.ts:3:5",
      "@bellhop/core:test:       1| expect(1)",
      "@bellhop/core:test:        | ^",
      "@bellhop/core:test: ⎯⎯⎯⎯[1/1]⎯",
      "@bellhop/core:test: and what comes later",
      "✔ a test of node's (1.2ms)",
      "✖ a failed one (3.4ms)",
      "  AssertionError: no",
      "✖ failing tests:",
      "✖ a failed one (3.4ms)",
      "  AssertionError: no",
    ].join("\n"),
  );
  assert.deepEqual(failedTests(output), [
    "@bellhop/core:test src/a.test.ts > a name\n  AssertionError: expected 1 to be 2\n   ❯ src/a.test.ts:3:5",
    "@bellhop/bus:test src/b.test.ts > another\n  TestTimeoutError: Test timed out in 60000ms.",
    "a failed one\n    AssertionError: no",
  ]);
});
