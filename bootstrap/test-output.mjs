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

/** Lines kept of what a failed test said: what was expected, what came instead and where. */
const LINES_OF_FAILURE = 12;

/** The tests that failed, each with the beginning of what it said, from vitest's " FAIL  file > name" and node's "✖ name": whoever reads only the end of a long
 *  output, as the pages of a CI show it, is to see them. @returns a text each, without turbo's prefixes */
export function failedTests(output) {
  const failures = [];
  // turbo mixes the lines of packages that run side by side.
  const open = new Map();
  for (const line of output.split("\n")) {
    const [, task = "", text] = /^(?:(\S+:test): ?)?(.*)$/.exec(line);
    const begun = /^\s*FAIL {2}(.+)$/.exec(text) ?? /^✖ (?!failing tests)(.+?)(?: \([\d.]+ms\))?$/.exec(text);
    const failure = open.get(task);
    if (begun) {
      const lines = [`${task} ${begun[1]}`.trim()];
      open.set(task, lines);
      failures.push(lines);
    } else if (/⎯⎯⎯|^\s*Test Files {2}|^✔ /.test(text)) open.delete(task);
    // Its source is in the repository.
    else if (failure !== undefined && failure.length <= LINES_OF_FAILURE && !/^\s*(\d*\||$)/.test(text)) failure.push(`  ${text}`);
  }
  // node says a failure where it happens, and once more at the end.
  const seen = new Map(failures.map((lines) => [lines[0], lines]));
  return [...seen.values()].map((lines) => lines.join("\n"));
}

/** The text without a terminal's colours and cursor moves. */
export function plainText(text) {
  return text.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, "g"), "");
}
