import type { PastRun, PastRunInFull } from "@bellhop/history";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { runTable, runText } from "./look.ts";

const run: PastRun = {
  id: "01M80KH1Q1HJFWAY9ABCH2GN05",
  status: "failed",
  action: "core.echo",
  person: { platform: "slack", space: "T1", id: "U1", name: "ana" },
  where: { platform: "slack", account: "A1", space: "T1", channel: "C9", thread: "7.1" },
  input: { text: "two\n words", deep: { a: 1 } },
  askedAt: "2020-01-02T03:04:05.678Z",
  startedAt: "2020-01-02T03:04:06.000Z",
  endedAt: "2020-01-02T03:04:07.500Z",
  ms: 1_500,
  attempts: 2,
};
const full: PastRunInFull = {
  ...run,
  revision: 2,
  answers: "k",
  output: { lines: ["a"] },
  problem: { code: "x", message: "It broke.", hint: "Mend it.", retry: false },
  reply: "**It** broke",
  steps: [
    {
      revision: 1,
      sequence: 1,
      at: run.askedAt,
      event: "asked",
      status: "scheduled",
      attempt: 1,
      commands: [{ kind: "request", about: "core.echo, attempt 1, pool default" }],
    },
  ],
};

test("a table has a line for each run, and its columns stand below their titles", () => {
  const [titles = "", line = ""] = runTable([run], { colour: false });
  expect(line).toMatch(
    /^9ABCH2GN05 {2}failed {2}2020-01-0\d \d\d:\d\d {2}1\.5 s {2}ana {2}slack:T1\/C9 {2}core\.echo text=two words deep=\{"a":1\}$/,
  );
  for (const title of ["STATUS", "TOOK", "IN"]) expect(line.charAt(titles.indexOf(title) - 1)).toBe(" ");
  expect(titles.indexOf("STATUS")).toBe(line.indexOf("failed"));
  expect(titles.indexOf("ACTION")).toBe(line.indexOf("core.echo"));
});

test("the instance of the configuration that a run named stands in both", () => {
  expect(runTable([{ ...run, config: "work" }], { colour: false })[1]).toMatch(/deep=\{"a":1\} config=work$/);
  expect(runText({ ...full, config: "work" }, { colour: false })).toContain("\n  config   work\n");
});

test("on a terminal lines are cut to its width, and the status has its colour", () => {
  const lines = runTable([run, { ...run, status: "succeeded" }], { colour: true, width: 40 });
  for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(40);
  expect(lines[1]).toContain("\u001b[31mfailed\u001b[39m");
  expect(lines[2]).toContain("\u001b[32msucceeded\u001b[39m");
});

test("a run is shown with all that is known of it", () => {
  const text = runText(full, { colour: false });
  for (const words of [
    /^01M80KH1Q1HJFWAY9ABCH2GN05 {2}core\.echo {2}failed$/m,
    /by +ana \(slack:T1\/U1\)/,
    /in +slack:T1\/C9, thread 7\.1, as A1/,
    /took +1\.5 s, attempt 2/,
  ])
    expect(text).toMatch(words);
  for (const words of [
    "text: two",
    "It broke.",
    "Mend it.",
    '"lines": [',
    "asked      scheduled  request core.echo, attempt 1, pool default",
  ])
    expect(text).toContain(words);
});

test("what an action printed moves no cursor and names no window", () => {
  const evil = "\u001b[2J\u001b]0;owned\u0007 hi";
  const text = runText({ ...full, output: evil, reply: evil, input: { evil }, problem: undefined }, { colour: false });
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  const shown = `${text}${runTable([{ ...run, input: { evil } }], { colour: false }).join("")}`;
  for (const control of ["\u001b", "\u0007"]) expect(shown).not.toContain(control);
});

test("a large output says how to get it", () => {
  const large = { ...full, output: undefined, outputRef: { object: "o", bytes: 99_000 } };
  expect(runText(large, { colour: false })).toContain("99000 bytes: `bellhop runs show 9ABCH2GN05 --output` prints them");
});
