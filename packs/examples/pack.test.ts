import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openChat, pollSensor, rehearse, runAction, type RehearsalScript } from "@bellhop/sdk/testing";
import { describe, expect, test } from "vitest";
import projectId from "./actions/project_id_node.ts";
import usageReport from "./actions/usage_report_node.ts";
import inbox from "./sensors/inbox.ts";

interface Said {
  stdout?: string;
  failure?: string;
}

/** Each step in two languages, and the Debian package that one of them needs. */
const steps = [
  {
    script: "project_id.rb",
    interpreter: "ruby",
    install: "apt install ruby",
    twin: (name: string) => runAction(projectId, { name }),
    told: ["Apollo", " harbour LIGHTS ", "Quarry"],
    refused: ["Apolo", "Aurra", "norther line", "Äpollo", "zzzzzz", "", "x".repeat(81), "$(id)", "--help"],
  },
  {
    script: "usage_report.py",
    interpreter: "python3",
    install: "apt install python3",
    twin: (id: string) => runAction(usageReport, { id }),
    told: ["prj-7f3a", "prj-6b19", " prj-a80e", "prj-1c92", "prj-58d0", "prj-c4e1", "prj-0b6f", "prj-93aa", "prj-e217", "prj-2d5c"],
    refused: ["prj-7f3b", "prj-ffff", "apollo", "", "--help"],
  },
] as const;

for (const { script, interpreter, install, twin, told, refused } of steps) {
  test.skipIf(!isHere(interpreter))(`${script} and its twin in TypeScript say the same (needs ${interpreter}: ${install})`, async () => {
    for (const given of [...told, ...refused]) expect(printed(script, given), given).toEqual(await said(twin(given)));
  });

  test.each(told)(`the twin of ${script} answers "%s"`, async (given) => {
    expect(await said(twin(given))).toEqual({ stdout: expect.any(String) });
  });

  test.each(refused)(`the twin of ${script} refuses "%s" in one sentence or two`, async (given) => {
    expect(await said(twin(given))).toEqual({ failure: expect.stringMatching(/^[^\n]+[.?]$/) });
  });
}

describe("the story", () => {
  test("a common name becomes an id, and the id a report", async () => {
    const { stdout: id } = await runAction(projectId, { name: "apollo" });
    expect(id).toBe("prj-7f3a");
    expect((await runAction(usageReport, { id })).stdout).toBe(
      [
        "**Apollo** (`prj-7f3a`), 2026-08 to 2026-10",
        "",
        "| Month | Builds | CPU hours | Storage, GB |",
        "| --- | ---: | ---: | ---: |",
        "| 2026-08 | 185 | 199.1 | 159 |",
        "| 2026-09 | 184 | 164.1 | 172 |",
        "| 2026-10 | 155 | 179.1 | 187 |",
        "| **All** | 524 | 542.3 | 187 |",
      ].join("\n"),
    );
  });

  test("a name that is nearly right is answered with the right one", async () => {
    await expect(runAction(projectId, { name: "Apolo" })).rejects.toThrow("There is no project Apolo. Did you mean Apollo?");
    await expect(runAction(usageReport, { id: "prj-7f3b" })).rejects.toThrow("Did you mean prj-7f3a?");
    await expect(runAction(usageReport, { id: "Apollo" })).rejects.toThrow("`project id NAME` tells it.");
  });

  test("both are one command, which says where it failed", async () => {
    const chat = await openChat({ pack: import.meta.dirname });
    const { text, outcome } = await chat.say("node report on Apollo");
    expect([outcome, text]).toEqual(["ok", expect.stringContaining("| **All** | 524 | 542.3 | 187 |")]);
    const failed = await chat.say("node report on Apolo");
    expect([failed.outcome, failed.text]).toEqual(["failed", expect.stringContaining("Did you mean Apollo?")]);
  });

  test("a project that used nothing says so", async () => {
    expect(await runAction(usageReport, { id: "prj-6b19" })).toEqual({ stdout: "**Quarry** (`prj-6b19`) used nothing." });
  });
});

describe("the README's transcript is what is said", () => {
  const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");

  test("in TypeScript", async () => {
    const chat = await openChat({ pack: import.meta.dirname });
    await chat.expectTranscript(readme.replace(/^you> /gm, "you> node "));
  });

  test.skipIf(!isHere("ruby") || !isHere("python3"))("in Ruby and Python (needs ruby, python3: apt install ruby python3)", async () => {
    const chat = await openChat({ pack: import.meta.dirname });
    await chat.expectTranscript(readme);
  });
});

test("the report waits for the id, and an unknown name is told as its step told it", async () => {
  const found = { result: { stdout: "prj-7f3a" } };
  const story = (results: RehearsalScript["results"]) =>
    rehearse({ pack: import.meta.dirname, workflow: "usage_of_name_node" }, { input: { name: "apollo" }, results: results ?? {} });
  const run = await story({ find_id: { status: "hangs" }, report: { result: { stdout: "12 hours" } } });
  expect(run.calls.map(({ task }) => task)).toEqual(["find_id"]);
  run.end("find_id", found);
  expect(run.calls[1]).toMatchObject({ task: "report", input: { id: "prj-7f3a" } });
  expect(run).toMatchObject({ status: "succeeded", output: { id: "prj-7f3a", report: "12 hours", why: null } });
  const unknown = await story({ find_id: { status: "failed", result: { error: "Nobody calls a project so." } } });
  expect(unknown).toMatchObject({ status: "failed", output: { id: null, why: "Nobody calls a project so." } });
});

test("a machine without the interpreter says which package to install", async () => {
  const chat = await openChat({ pack: import.meta.dirname });
  const { text } = await chat.say('project id Apollo env={"PATH":"/nowhere"}');
  expect(text).toContain("ruby is not on the runner's machine");
  expect(text).toContain("apt install ruby");
});

function isHere(interpreter: string): boolean {
  return spawnSync(interpreter, ["--version"]).status === 0;
}

function printed(script: string, given: string): Said {
  const { status, stdout, stderr } = spawnSync(join(import.meta.dirname, "actions", script), [given], { encoding: "utf8" });
  return status === 0 ? { stdout: stdout.trimEnd() } : { failure: stderr.trimEnd() };
}

async function said(answer: Promise<{ stdout: string }>): Promise<Said> {
  try {
    return await answer;
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

test("the inbox tells each file once, and once more when it has changed", async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "inbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const state = new Map<string, unknown>();
  const look = async () =>
    (await pollSensor(inbox, { config: { folder }, state })).map(({ payload: { name, bytes }, key }) => [name, bytes, key]);
  const put = (name: string, text: string, at: string) => {
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), new Date(at), new Date(at));
  };
  put("Apollo.project", "x", "2026-10-01T08:00:00Z");
  expect(await look()).toEqual([["Apollo.project", 1, "Apollo.project@2026-10-01T08:00:00.000Z"]]);
  expect(await look()).toEqual([]);
  put("Apollo.project", "xy", "2026-10-01T09:00:00Z");
  expect(await look()).toEqual([["Apollo.project", 2, "Apollo.project@2026-10-01T09:00:00.000Z"]]);
});

test("a load that became high is told once", { skip: process.platform !== "linux" }, () => {
  const program = join(import.meta.dirname, "sensors/load.sh");
  const look = (before: string, most: string) =>
    spawnSync(program, {
      input: `{"sensor":"examples.load"}\n${before}\n{}\n{}\n`,
      encoding: "utf8",
      env: { ...process.env, BELLHOP_CONFIG_most_load: most },
    });
  const { stdout } = look('{"get":"high"}', "-1");
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { get: "high" },
    { trigger: "load_changed", payload: { load: expect.any(Number), high: true } },
    { set: "high", value: true },
  ]);
  expect(look('{"get":"high","value":true}', "-1").stdout).toBe('{"get": "high"}\n');
});
