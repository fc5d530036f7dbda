/** Adds up what test runners say about themselves at their end: vitest's "Tests  3 passed | 1 failed (4)" and node's "ℹ pass 3". */
export function countTests(output) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of output.split("\n")) {
    const vitest = /(?:^|\s)Tests\s{2}(.*\(\d+\))\s*$/.exec(line);
    for (const [, number, what] of vitest?.[1].matchAll(/(\d+) (passed|failed|skipped)/g) ?? []) counts[what] += Number(number);
    const node = /^(?:ℹ|#) (pass|fail|skipped) (\d+)\s*$/.exec(line);
    if (node) counts[{ pass: "passed", fail: "failed", skipped: "skipped" }[node[1]]] += Number(node[2]);
  }
  return counts;
}

/** The text without a terminal's colours and cursor moves. */
export function plainText(text) {
  return text.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, "g"), "");
}
