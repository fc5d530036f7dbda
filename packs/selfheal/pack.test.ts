import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "@bellhop/sdk";
import { openChat, rehearse, runAction } from "@bellhop/sdk/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import clean from "./actions/clean.ts";
import disk from "./actions/disk.ts";
import endMute from "./actions/end_mute.ts";
import muteList from "./actions/mutes.ts";
import noteResolved from "./actions/note_resolved.ts";
import plan from "./actions/plan.ts";
import setMute from "./actions/set_mute.ts";
import simulate from "./actions/simulate.ts";
import status from "./actions/status.ts";
import verify from "./actions/verify.ts";
import { fingerprintOf } from "./alertmanager.ts";
import { pick } from "./pick.ts";
import { findTarget } from "./targets.ts";
import { lengthOf } from "./words.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "selfheal-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the monitor of simulated disks sent. */
const sent: { key: string | undefined; post: z.infer<typeof Post> }[] = [];
const Post = z.object({
  status: z.string(),
  alerts: z.array(z.object({ status: z.string(), fingerprint: z.string(), startsAt: z.string() })),
});
let receiver: Server;
let webhook = "";
beforeAll(async () => {
  receiver = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      sent.push({ key: request.headers.authorization, post: Post.parse(JSON.parse(text)) });
      response.writeHead(202).end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const address = receiver.address();
  if (address === null || typeof address === "string") throw new Error("it listens on a port");
  webhook = `http://127.0.0.1:${address.port}/v1/webhooks/alertmanager`;
});
afterAll(() => receiver.close());

/** A disk of ten megabytes whose logs may be cleaned, its cache only when a person says so. */
const config = (more: object = {}) => ({
  targets: { "web-1": { path: join(folder, "web-1"), clean: ["logs"], more: ["cache"], quota: 10 } },
  webhook,
  webhook_key: "sesame",
  ...more,
});

/** A file of so many bytes, written so many hours ago. */
function put(path: string, { bytes = 1_000_000, hours = 2 } = {}): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, new Uint8Array(bytes));
  const at = new Date(Date.now() - hours * 3_600_000);
  utimesSync(file, at, at);
  return file;
}

describe("a simulated disk", () => {
  test("is filled, fires, is cleaned down to its goal, and resolves, each as a monitor says it", async () => {
    sent.length = 0;
    const target = { target: "web-1" };
    expect(await runAction(simulate, target, { config: config() })).toMatchObject({ percent: 97 });
    expect(await runAction(disk, target, { config: config() })).toMatchObject({ percent: 97, full: true, text: "97 % of 10 MB" });
    const cleaned = await runAction(clean, target, { config: config() });
    expect(cleaned).toMatchObject({ removed: 5, ends: "goal", text: "Removed 5 files, 2.4 MB" });
    expect(await runAction(disk, target, { config: config() })).toMatchObject({ percent: 73, full: false });
    const [fired, over] = sent.map(({ post }) => post);
    expect([fired?.status, over?.status]).toEqual(["firing", "resolved"]);
    expect(over?.alerts).toMatchObject([{ ...fired?.alerts[0], status: "resolved" }]);
    expect(sent[0]?.key).toBe("Bearer sesame");
  });

  test("fires the same alert again while it is full, and another one when it is full anew", async () => {
    sent.length = 0;
    const fill = async () => await runAction(simulate, { target: "web-1" }, { config: config() });
    await fill();
    await fill();
    await runAction(clean, { target: "web-1" }, { config: config() });
    await fill();
    const [first, again, over, anew] = sent.map(({ post }) => post.alerts[0]);
    expect(again).toEqual(first);
    expect(over?.startsAt).toBe(first?.startsAt);
    expect(anew).toMatchObject({ status: "firing", fingerprint: first?.fingerprint });
    expect(anew?.startsAt).not.toBe(first?.startsAt);
  });

  test("that is stubborn is cleaned by whom a person asked alone", async () => {
    await runAction(simulate, { target: "web-1", stubborn: true }, { config: config() });
    expect(await runAction(clean, { target: "web-1" }, { config: config() })).toMatchObject({
      removed: 0,
      text: "Removed nothing: nothing else may go",
    });
    expect(await runAction(clean, { target: "web-1", more: true }, { config: config() })).toMatchObject({ removed: 5, ends: "goal" });
  });

  test("says what it lacks", async () => {
    const run = async (given: object) => await runAction(simulate, { target: "web-1" }, { config: config(given) });
    await expect(run({ webhook_key: undefined })).rejects.toMatchObject({ hint: expect.stringContaining("bellhop api-key create") });
    await expect(run({ webhook: "http://127.0.0.1:1/" })).rejects.toThrow("http://127.0.0.1:1/ can't be reached.");
    await expect(run({ targets: { "web-1": { path: folder } } })).rejects.toThrow("web-1 is no simulated disk, and is not filled.");
  });
});

describe("clean", () => {
  const local = (more: object = {}) => ({ targets: { here: { path: folder, clean: ["logs"] } }, threshold: 1, goal: 0, ...more });

  test("of a disk behind a shell removes what is old, and nothing that is young, linked to, or elsewhere", async () => {
    const stays = [put("logs/young", { hours: 0 }), put("elsewhere/old")];
    put("logs/old");
    put("logs/deep/with 'quotes' and\nlines");
    symlinkSync(join(folder, "elsewhere"), join(folder, "logs", "linked"));
    symlinkSync(join(folder, "elsewhere", "old"), join(folder, "logs", "link"));
    expect(await runAction(clean, { target: "here" }, { config: local() })).toMatchObject({ removed: 2, freed: 2_000_000 });
    expect(readdirSync(join(folder, "logs")).toSorted()).toEqual(["deep", "link", "linked", "young"]);
    for (const file of stays) expect(existsSync(file), file).toBe(true);
  });

  test("that is dry removes nothing and says the same", async () => {
    put("logs/old");
    const dry = await runAction(clean, { target: "here", dry_run: true }, { config: local() });
    expect(dry).toMatchObject({ removed: 1, files: [join(folder, "logs/old")], text: "Would remove 1 file, 1 MB: nothing else may go" });
    expect(readdirSync(join(folder, "logs"))).toEqual(["old"]);
  });

  test("of a disk that is not as full as its goal removes nothing", async () => {
    put("logs/old");
    const roomy = local({ threshold: 100, goal: 99 });
    expect(await runAction(clean, { target: "here" }, { config: roomy })).toMatchObject({ removed: 0, ends: "goal" });
  });

  test("knows no files by names that can't be read, and no find that is another", async () => {
    put("logs/old");
    const odd = Buffer.concat([Buffer.from(join(folder, "logs", "x")), Buffer.from([0xff])]);
    writeFileSync(odd, "x");
    utimesSync(odd, 1, 1);
    expect(await runAction(clean, { target: "here", dry_run: true }, { config: local() })).toMatchObject({ removed: 1 });
    const find = put("bin/find");
    writeFileSync(find, "#!/bin/sh\necho 'find: unrecognized: -printf' >&2; exit 1\n");
    chmodSync(find, 0o755);
    const shell = ["env", `PATH=${dirname(find)}:/usr/bin:/bin`, "sh", "-c"];
    const another = local({ targets: { here: { path: folder, clean: ["logs"], shell } } });
    await expect(runAction(clean, { target: "here" }, { config: another })).rejects.toThrow("find: unrecognized: -printf");
  });

  test("takes the words that lead to a shell", async () => {
    put("logs/old");
    const words = { here: { path: folder, clean: ["logs"], shell: ["env", "LC_ALL=C", "sh", "-c"] } };
    expect(await runAction(clean, { target: "here" }, { config: local({ targets: words }) })).toMatchObject({ removed: 1 });
  });

  test.each([
    [["nothing-there"], "The disk of here can't be reached: spawn nothing-there ENOENT"],
    [["sh", "-c", "echo no route to host >&2; exit 255"], "The disk of here can't be reached: no route to host"],
    [["sh", "-c", "echo hello"], "df on here said something that can't be read: hello"],
  ])("by way of %j fails with the reason", async (shell, why) => {
    const config = local({ targets: { here: { path: folder, clean: ["logs"], shell } } });
    await expect(runAction(clean, { target: "here" }, { config })).rejects.toThrow(why);
  });
});

describe("what may be cleaned", () => {
  const files = [
    { path: "/srv/a/logs/3", bytes: 10, writtenAt: 3 },
    { path: "/srv/a/logs/1", bytes: 10, writtenAt: 1 },
    { path: "/srv/a/logs/../secret", bytes: 10, writtenAt: 0 },
    { path: "/srv/a/logs-of-others/0", bytes: 10, writtenAt: 0 },
    { path: "/srv/a/logs/2", bytes: 10, writtenAt: 2 },
  ];
  const bounds = { folders: ["/srv/a/logs"], wanted: 1_000, writtenBefore: 10, mostFiles: 10, mostBytes: 1_000 };

  test.each([
    ["all that is in the folders", {}, ["1", "2", "3"], "nothing-left"],
    ["the oldest first, and no more than is wanted", { wanted: 11 }, ["1", "2"], "goal"],
    ["nothing where nothing is wanted", { wanted: 0 }, [], "goal"],
    ["nothing that is young", { writtenBefore: 2 }, ["1"], "nothing-left"],
    ["so many files", { mostFiles: 2 }, ["1", "2"], "bounds"],
    ["so many bytes", { mostBytes: 15 }, ["1"], "bounds"],
    ["nothing where no folder is named", { folders: [] }, [], "nothing-left"],
  ])("is %s", (_, more, names, ends) => {
    const picked = pick(files, { ...bounds, ...more });
    expect({ names: picked.files.map(({ path }) => path.slice(-1)), ends: picked.ends }).toEqual({ names, ends });
  });

  const found = (target: object) =>
    findTarget({ targets: { a: { path: "/srv/a", clean: [], more: [], shell: ["sh", "-c"], ...target } } }, "a");

  test.each([
    [{ clean: ["/"] }, "/ is too much to be cleaned on a."],
    [{ clean: ["/var"] }, "/var is too much to be cleaned on a."],
    [{ more: ["/srv/a"] }, "/srv/a is too much to be cleaned on a."],
    [{ clean: ["/var/log/app"], quota: 10 }, "/var/log/app is outside of /srv/a, the simulated disk a."],
    [{ path: "srv/a" }, 'The path of a is "srv/a", which is not absolute.'],
  ])("is never %j", (target, why) => {
    expect(() => found(target)).toThrow(why);
  });

  test("is named from the target's path on, or wholly", () => {
    expect(found({ path: "/srv/a/", clean: ["logs", "/var/log/app/"] })).toMatchObject({
      target: { path: "/srv/a", clean: ["/srv/a/logs", "/var/log/app"] },
    });
  });

  test.each(["../b", "logs/..", "a/../../b", "."])("can't be configured as %s", async (name) => {
    const targets = { a: { path: "/srv/a", clean: [name] } };
    await expect(runAction(disk, { target: "a" }, { config: { targets } })).rejects.toThrow();
  });
});

describe("plan", () => {
  const about = { fingerprint: "f1", since: "2026-11-22T14:00:00Z" };

  test("knows the target behind a machine's port, and names the incident", async () => {
    expect(await runAction(plan, { target: "web-1:9100", ...about }, { config: config() })).toMatchObject({
      known: true,
      target: "web-1",
      key: "selfheal/f1/2026-11-22T14:00:00Z",
      room: "ops",
      escalation: "ops",
      choices: ["Clean more", "Leave it", "Escalate", "Mute it"],
      muted: "",
      asks: 60,
    });
  });

  test("says why it knows one not, and offers nothing that there is not", async () => {
    expect(await runAction(plan, { target: "db-7", ...about }, { config: config() })).toMatchObject({
      known: false,
      why: "db-7 is no target that may be healed: there are web-1.",
      choices: ["Leave it", "Escalate", "Mute it"],
    });
  });
});

describe("a mute", () => {
  const about = (fingerprint: string, since = "t1") => ({ target: "web-1:9100", fingerprint, since });
  const kv = new Map<string, unknown>();
  beforeEach(() => kv.clear());
  const planned = async (fingerprint: string, since?: string) =>
    (await runAction(plan, about(fingerprint, since), { config: config(), kv })).muted;
  const muted = async (alert: string, time = "") => await runAction(setMute, { alert, time, by: "ana" }, { config: config(), kv });

  test("of a target holds for all its alerts, each of which it counts once", async () => {
    const { text, key, room } = await muted("web-1:9100", "2h");
    expect({ key, room }).toEqual({ key: "selfheal/mute/web-1", room: "ops" });
    expect(text).toMatch(/^🔕 \*\*All alerts of web-1 are muted\*\* by ana until .* UTC: .* `unmute web-1` takes it back\.$/);
    expect(await planned("f1")).toContain("Kept quiet: 1 alert.");
    expect(await planned("f1")).toContain("Kept quiet: 1 alert.");
    expect(await planned("f2")).toContain("Kept quiet: 2 alerts.");
    expect(await planned("f1", "t2")).toContain("Kept quiet: 3 alerts.");
    expect((await runAction(muteList, {}, { kv })).mutes).toMatchObject([{ alert: "web-1", by: "ana", quiet: 3 }]);
  });

  test("of an alert holds for no other, and not for what a person wants", async () => {
    expect(await planned("f1")).toBe("");
    await muted("f1");
    expect(await planned("f1", "t2")).toContain("**f1 is muted** by ana");
    expect(await planned("f2")).toBe("");
    expect((await runAction(plan, { target: "web-1", since: "run" }, { config: config(), kv })).muted).toBe("");
  });

  test("is taken back, and then counts anew", async () => {
    await muted("web-1", "1h");
    await planned("f1");
    const unmute = async () => await runAction(endMute, { alert: "web-1", by: "ben" }, { config: config(), kv });
    expect(await unmute()).toMatchObject({ key: "selfheal/mute/web-1", text: "🔔 **web-1 is not muted any more** (ben)." });
    expect(await planned("f1")).toBe("");
    await expect(unmute()).rejects.toMatchObject({ message: "web-1 is not muted.", hint: "Nothing is." });
    expect((await runAction(muteList, {}, { kv })).text).toBe("Nothing is muted.");
    await muted("web-1", "2h");
    expect(await planned("f2")).toContain("Kept quiet: 1 alert.");
  });

  test("of what there is not is refused, and so is a time that is none", async () => {
    await expect(muted("wbe-1")).rejects.toMatchObject({ hint: "Targets: web-1. An alert is called by its fingerprint." });
    await expect(muted("web-1", "soon")).rejects.toThrow('"soon" is no length of time.');
  });

  test.each([
    ["30m", 30],
    ["90 min", 90],
    ["2h", 120],
    ["2 hours", 120],
    ["1 day", 1_440],
    ["30d", 43_200],
    ["31d", undefined],
    ["0m", undefined],
    ["2", undefined],
    ["2 weeks", undefined],
  ])("for %s is so many minutes: %s", (text, minutes) => {
    if (minutes === undefined) expect(() => lengthOf(text)).toThrow();
    else expect(lengthOf(text)).toBe(minutes * 60_000);
  });
});

test("an alert has resolved once that was noted of the very same one", async () => {
  const alert = { fingerprint: "f1", since: "2026-11-22T14:00:00Z" };
  const kv = new Map<string, unknown>();
  const looked = async () => await runAction(verify, { target: "web-1", ...alert }, { config: config(), kv });
  await runAction(noteResolved, { ...alert, since: "2026-11-22T13:00:00Z" }, { kv });
  expect(await looked()).toEqual({ percent: 0, full: false, resolved: false });
  await runAction(noteResolved, alert, { kv });
  expect(await looked()).toEqual({ percent: 0, full: false, resolved: true });
});

test("the disks of all are told, the fullest first, and one that can't be reached hides no other", async () => {
  put("web-1/logs/a", { bytes: 9_500_000 });
  const targets = {
    "web-0": { path: join(folder, "web-0"), quota: 10 },
    ...config().targets,
    gone: { path: folder, shell: ["nothing-there"] },
  };
  const { text } = await runAction(status, {}, { config: config({ targets }) });
  expect(text.split("\n")).toEqual([
    "| Disk | Used | Of | Is |",
    "| --- | --- | --- | --- |",
    expect.stringContaining("| gone | ? | ? | The disk of gone can't be reached"),
    "| web-1 | 95 % | 10 MB | full |",
    "| web-0 | 0 % | 10 MB | fine |",
  ]);
  await expect(runAction(status, {}, { config: {} })).rejects.toThrow("No target is configured.");
});

test.each([
  [{}, 14695981039346656037n],
  [{ name: "garland, briggs", fear: "love is not enough" }, 5799056148416392346n],
])("the fingerprint of %j is the one that Prometheus gives", (labels, number) => {
  expect(fingerprintOf(labels)).toBe(number.toString(16).padStart(16, "0"));
});

test("the question where cleaning up was not enough waits for a person, takes no answer that it did not offer, and goes on with one that it did", async () => {
  const cleaned = { result: { text: "Removed nothing" } };
  const run = await rehearse(
    { pack: import.meta.dirname, workflow: "treat" },
    {
      input: {
        target: "web-1",
        before: 97,
        plan: {
          target: "web-1",
          key: "k",
          room: "ops",
          escalation: "duty",
          roles: [],
          choices: ["Clean more", "Leave it"],
          answer_within: 240,
          settle: 5,
          alert: false,
        },
      },
      results: {
        clean: [cleaned, cleaned],
        check: [{ result: { percent: 97, full: true, text: "97 % of 10 MB" } }, { result: { percent: 40, full: false } }],
        ask: { status: "pending" },
      },
    },
  );
  expect(run.out).toEqual(["ask"]);
  expect(() => run.answer("ask", { what: "Escalate" })).toThrow(`what of core.ask can't be "Escalate".`);
  run.answer("ask", { what: "Clean more" });
  expect(run.calls.filter(({ task }) => task === "clean").map(({ input }) => input)).toMatchObject([{ more: false }, { more: true }]);
  expect(run).toMatchObject({ status: "succeeded", output: { outcome: "healed" }, out: [], unsaid: [] });
});

test("people are answered as the README shows it", async () => {
  await runAction(simulate, { target: "web-1" }, { config: config() });
  const targets = { ...config().targets, "web-2": { path: join(folder, "web-2"), clean: ["logs"], quota: 10 } };
  const chat = await openChat({ pack: import.meta.dirname, config: config({ targets }) });
  await chat.expectTranscript("README.md");
});
