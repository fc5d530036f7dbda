import { openChat, runAction } from "@bellhop/sdk/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import checks from "./actions/checks.ts";
import closeIssue from "./actions/close_issue.ts";
import comment from "./actions/comment.ts";
import createDeployment from "./actions/create_deployment.ts";
import createIssue from "./actions/create_issue.ts";
import deployment from "./actions/deployment.ts";
import deployments from "./actions/deployments.ts";
import issue from "./actions/issue.ts";
import issues from "./actions/issues.ts";
import pull from "./actions/pull.ts";
import pulls from "./actions/pulls.ts";
import setDeploymentStatus from "./actions/set_deployment_status.ts";
import { tokens } from "./test/answers.ts";
import { startFakeGitHub, type FakeGitHub } from "./test/fake-github.ts";

let github: FakeGitHub;
beforeEach(async () => {
  github = await startFakeGitHub();
});
afterEach(() => github.close());

const config = (more: object = {}) => ({ token: tokens.writer, api: github.api, repo: "acme/shop", ...more });
const sha = "aa218f56b14c9653891f9e74264a383fa43fefbd";

describe("issues", () => {
  test("lists open ones, the newest first, without the pull requests that GitHub lists among them", async () => {
    github.addIssue({ title: "Cart | forgets", author: "ana", labels: ["bug", "cart"] });
    github.addPull({ title: "Fix the cart", author: "ben", head: "fix-cart", sha });
    github.addIssue({ title: "Slow", author: "ben" });
    const { issues: found, more, text } = await runAction(issues, {}, { config: config() });
    expect(found.map(({ number, title }) => [number, title])).toEqual([
      [3, "Slow"],
      [1, "Cart | forgets"],
    ]);
    expect(more).toBe(false);
    expect(text.split("\n")).toEqual([
      "| Issue | Title | Author | Labels | Since |",
      "| --- | --- | --- | --- | --- |",
      "| [#3](https://github.com/acme/shop/issues/3) | Slow | ben |  | 2026-11-20 |",
      "| [#1](https://github.com/acme/shop/issues/1) | Cart \\| forgets | ana | bug, cart | 2026-11-20 |",
    ]);
  });

  test("reads page after page until it has as many as were asked for", async () => {
    for (let count = 0; count < 130; count++) github.addIssue({ title: `Issue ${count}`, author: "ana" });
    const { issues: found, more, text } = await runAction(issues, { most: 120 }, { config: config() });
    expect([found.length, more, found.at(-1)?.title]).toEqual([120, true, "Issue 10"]);
    expect(text).toMatch(/\n\nThere are more: say most=200\.$/);
    expect(github.requests).toEqual([
      "GET /repos/acme/shop/issues?state=open&per_page=100",
      "GET /repositories/1296269/issues?state=open&per_page=100&page=2",
    ]);
  });

  test("asks once for as few as one request gives", async () => {
    for (let count = 0; count < 30; count++) github.addIssue({ title: `Issue ${count}`, author: "ana" });
    expect(await runAction(issues, {}, { config: config() })).toMatchObject({ more: true, issues: { length: 20 } });
    expect(github.requests).toHaveLength(1);
  });

  test("says when there are none", async () => {
    expect((await runAction(issues, {}, { config: config() })).text).toBe("acme/shop has no open issues.");
    expect((await runAction(issues, { state: "all", labels: "bug" }, { config: config() })).text).toBe(
      "acme/shop has no issues like that.",
    );
  });
});

describe("one issue", () => {
  const named = ["1", "#1", "acme/shop#1", "https://github.com/acme/shop/issues/1#issuecomment-5", " 1 "];
  test.each(named)("is shown by %j", async (name) => {
    github.addIssue({ title: "Cart forgets", author: "ana", labels: ["bug"], assignees: ["ben"], body: "It does." });
    const { text } = await runAction(issue, { issue: name }, { config: config() });
    expect(text).toBe(
      "[acme/shop#1](https://github.com/acme/shop/issues/1) **Cart forgets**\n" +
        "open · by ana on 2026-11-20 · assigned to ben · labels bug · 0 comments\n\nIt does.",
    );
  });

  test("what is neither a number nor an address is refused", async () => {
    await expect(runAction(issue, { issue: "the cart" }, { config: config() })).rejects.toThrow('"the cart" is no number of an issue');
    await expect(runAction(issue, { issue: "1", repo: "a/b/c" }, { config: config() })).rejects.toThrow('"a/b/c" is no repository.');
  });

  test("without a repository it asks which, and says how to set the usual one", async () => {
    await expect(runAction(issue, { issue: "1" }, { config: config({ repo: undefined }) })).rejects.toMatchObject({
      message: "Which repository?",
      hint: expect.stringContaining("bellhop pack config set github repo=owner/name"),
    });
  });

  test("a repository without an owner is one of the usual owner", async () => {
    await expect(runAction(issue, { issue: "1", repo: "till" }, { config: config() })).rejects.toThrow(
      "There is no acme/till#1 on 127.0.0.1",
    );
  });

  test("is opened, commented on and closed", async () => {
    const opened = await runAction(createIssue, { title: "Cart forgets", body: "It does.", labels: ["bug"] }, { config: config() });
    expect(opened).toMatchObject({ number: 1, state: "open", labels: ["bug"], url: "https://github.com/acme/shop/issues/1" });
    expect(await runAction(comment, { issue: "1", text: "Since Monday." }, { config: config() })).toMatchObject({ issue: "acme/shop#1" });
    expect(github.comments.map(({ body }) => body)).toEqual(["Since Monday."]);
    expect(await runAction(closeIssue, { issue: "1", reason: "not_planned" }, { config: config() })).toMatchObject({
      state: "closed",
      reason: "not_planned",
    });
    expect((await runAction(issue, { issue: "1" }, { config: config() })).text).toContain("closed (not planned) · by octocat");
  });
});

describe("pull requests", () => {
  test("are listed with their branches", async () => {
    github.addPull({ title: "Fix the cart", author: "ben", head: "fix-cart", sha });
    github.addPull({ title: "Try it", author: "ana", head: "try", sha, base: "next" });
    const { text } = await runAction(pulls, { base: "main" }, { config: config() });
    expect(text.split("\n").at(-1)).toBe(
      "| [#1](https://github.com/acme/shop/pull/1) | Fix the cart | open | ben | `fix-cart` | 2026-11-19 |",
    );
    expect((await runAction(pulls, { state: "closed" }, { config: config() })).text).toBe("acme/shop has no closed pull requests.");
  });

  test("are shown with how their checks went", async () => {
    github.addPull({ title: "Fix the cart", author: "ben", head: "fix-cart", sha, reviewers: ["ana"] });
    github.addCheckRun({ sha, name: "lint", conclusion: "success" });
    github.addCheckRun({ sha, name: "test", conclusion: null });
    const shown = await runAction(pull, { pull: "#1" }, { config: config() });
    expect(shown).toMatchObject({ mergeable: true, checks: [{ name: "test", outcome: "running" }, { name: "lint" }] });
    expect(shown.text).toBe(
      "[acme/shop#1](https://github.com/acme/shop/pull/1) **Fix the cart**\n" +
        "open · by ben on 2026-11-19 · `fix-cart` into `main` · waits for ana · 1 of 2 checks is running",
    );
  });
});

describe("checks", () => {
  test("are those of check runs and the newest of each status, what failed first", async () => {
    github.addPull({ title: "Fix the cart", author: "ben", head: "fix-cart", sha });
    github.addCheckRun({ sha, name: "lint", conclusion: "skipped" });
    github.addCheckRun({ sha, name: "e2e", conclusion: "timed_out" });
    github.addStatus({ sha, context: "ci/build", state: "failure" });
    github.addStatus({ sha, context: "ci/build", state: "success" });
    github.addStatus({ sha, context: "ci/deploy", state: "pending" });
    const { passed, checks: found, text } = await runAction(checks, { of: "1" }, { config: config() });
    expect(passed).toBe(false);
    expect(found.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["e2e", "failed"],
      ["ci/deploy", "running"],
      ["ci/build", "passed"],
      ["lint", "passed"],
    ]);
    expect(text.split("\n")[0]).toBe("acme/shop#1 (`aa218f5`): 1 of 4 checks failed, 1 is running.");
    expect(text).toContain("| [e2e](https://github.com/acme/shop/runs/2) | ❌ timed out |");
  });

  test("are found by branch too", async () => {
    github.addPull({ title: "Fix the cart", author: "ben", head: "fix/cart", sha });
    github.addCheckRun({ sha, name: "lint", conclusion: "success" });
    expect(await runAction(checks, { of: "fix/cart" }, { config: config() })).toMatchObject({
      ref: "fix/cart",
      passed: true,
      checks: [{ name: "lint" }],
    });
    expect((await runAction(checks, { of: "main" }, { config: config() })).text).toBe("`main`: no checks.");
  });
});

describe("deployments", () => {
  test("are created, reported on, listed and shown", async () => {
    const { id } = await runAction(createDeployment, { ref: "v1.2", environment: "staging" }, { config: config() });
    await runAction(setDeploymentStatus, { id, state: "in_progress" }, { config: config() });
    await runAction(
      setDeploymentStatus,
      { id, state: "success", description: "All well", log_url: "https://ci.example.com/7" },
      { config: config() },
    );
    github.addDeployment({ ref: "main", sha, environment: "production", creator: "ana" });
    const listed = await runAction(deployments, {}, { config: config() });
    expect(listed.deployments.map(({ environment, state }) => [environment, state])).toEqual([
      ["production", undefined],
      ["staging", "success"],
    ]);
    expect(listed.text).toContain("| production | `main` (aa218f5) | no status | ana | 2026-11-20 |");
    expect((await runAction(deployments, { environment: "staging" }, { config: config() })).deployments).toHaveLength(1);
    const shown = await runAction(deployment, { id }, { config: config() });
    expect(shown.statuses).toMatchObject([{ state: "success", url: "https://ci.example.com/7" }, { state: "in_progress" }]);
    expect(shown.text).toContain("| success | 2026-11-20 12:05:00 UTC | octocat | All well |");
  });

  test("are refused where the commit's statuses have not all succeeded, unless they are forced", async () => {
    github.addPull({ title: "Fix the cart", author: "ben", head: "fix-cart", sha });
    github.addStatus({ sha, context: "ci/build", state: "failure" });
    await expect(runAction(createDeployment, { ref: "fix-cart" }, { config: config() })).rejects.toThrow(
      "GitHub does not take that for fix-cart of acme/shop: Conflict: Commit status checks failed for fix-cart.",
    );
    expect(github.deployments).toEqual([]);
    await runAction(createDeployment, { ref: "fix-cart", force: true }, { config: config() });
    expect(github.deployments).toMatchObject([{ environment: "production", sha }]);
  });
});

describe("what GitHub refuses is said with what to do about it", () => {
  const reset = Math.floor(Date.now() / 1000) + 1800;
  const faults: [what: string, given: () => { config?: object; fault?: FakeGitHub["fault"] }, message: string | RegExp, hint: string][] = [
    [
      "a token it does not know",
      () => ({ config: { token: "old" } }),
      "GitHub does not accept the token.",
      "bellhop pack config set github token=-",
    ],
    [
      "a private repository without a token",
      () => ({ config: { token: undefined } }),
      "There is no acme/shop on 127.0.0.1",
      "Private ones need a token",
    ],
    [
      "what the token may not",
      () => ({ config: { token: tokens.reader } }),
      "Resource not accessible by personal access token.",
      "issues=write",
    ],
    [
      "more requests than there are in an hour",
      () => ({
        fault: {
          status: 403,
          headers: { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) },
          body: { message: "API rate limit exceeded for user ID 1." },
        },
      }),
      `5000 requests an hour are used up. There are new ones at ${new Date(reset * 1000).toISOString().slice(11, 16)} UTC, in `,
      "",
    ],
    [
      "too much at once",
      () => ({ fault: { status: 429, headers: { "retry-after": "60" }, body: { message: "You have exceeded a secondary rate limit." } } }),
      "GitHub asks for a pause of 60 s",
      "",
    ],
    [
      "too much at once, without saying how long",
      () => ({ fault: { status: 403, body: { message: "You have exceeded a secondary rate limit." } } }),
      "GitHub asks for a pause of a minute",
      "",
    ],
    [
      "a repository without issues",
      () => ({ fault: { status: 410, body: { message: "Issues are disabled for this repo" } } }),
      "GitHub does not take that for acme/shop: Issues are disabled for this repo.",
      "",
    ],
    [
      "a label that is none",
      () => ({
        fault: { status: 422, body: { message: "Validation Failed", errors: [{ resource: "Issue", field: "labels", code: "invalid" }] } },
      }),
      "Validation Failed; labels is invalid.",
      "",
    ],
    [
      "a fault of its own",
      () => ({ fault: { status: 502, body: { message: "Server Error" } } }),
      " said 502: Server Error.",
      "Try again later",
    ],
    ["no GitHub at all", () => (github.close(), {}), /^127\.0\.0\.1:\d+ can't be reached: .*ECONNREFUSED/, ""],
  ];
  test.each(faults)("%s", async (_, given, message, hint) => {
    const { config: more, fault } = given();
    github.fault = fault;
    const failed: unknown = await runAction(createIssue, { title: "x" }, { config: config(more) }).catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({
      name: "ActionFailed",
      message: message instanceof RegExp ? expect.stringMatching(message) : expect.stringContaining(message),
    });
    expect(failed).toMatchObject(hint === "" ? {} : { hint: expect.stringContaining(hint) });
    expect(String((failed as Error).message)).not.toContain(tokens.reader);
  });
});

test("a request ends when it is cancelled", async () => {
  const cancel = new AbortController();
  cancel.abort();
  await expect(runAction(issues, {}, { config: config(), signal: cancel.signal })).rejects.toMatchObject({ name: "AbortError" });
});

test("an instance of the configuration is another GitHub", async () => {
  const other = await startFakeGitHub();
  try {
    other.addIssue({ title: "Theirs", author: "eve" });
    const chat = await openChat({ pack: import.meta.dirname, config: config(), instances: { work: { api: other.api } } });
    expect((await chat.say("github issues")).text).toBe("acme/shop has no open issues.");
    expect((await chat.say("github issues config=work")).rows).toMatchObject([{ Title: "Theirs" }]);
  } finally {
    other.close();
  }
});

test("the README tells how it answers", async () => {
  github.addIssue({ title: "Cart forgets what was in it", author: "ana", labels: ["bug", "cart"] });
  github.addPull({ title: "Keep the cart", author: "ben", head: "keep-cart", sha });
  github.addIssue({ title: "Search is slow", author: "ben", assignees: ["ana"], body: "More than three seconds on Mondays." });
  github.addCheckRun({ sha, name: "lint", conclusion: "success" });
  github.addCheckRun({ sha, name: "test", conclusion: "failure" });
  github.addStatus({ sha, context: "ci/build", state: "pending" });
  const chat = await openChat({ pack: import.meta.dirname, config: config() });
  await chat.expectTranscript("README.md");
});
