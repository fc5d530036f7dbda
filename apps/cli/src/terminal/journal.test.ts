import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, utimesSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { journalsOfTheDead, newJournal } from "./journal.ts";

const newFolder = () => mkdtemp(join(tmpdir(), "bellhop-journal-"));

/** Does this with a journal in a process of its own, then kills that process with -9. */
function killedPrompt(folder: string, what: string): void {
  const script = `import { newJournal } from ${JSON.stringify(new URL("./journal.ts", import.meta.url).href)};
    const journal = newJournal(${JSON.stringify(folder)}, "person"); ${what}; process.kill(process.pid, "SIGKILL");`;
  spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: "inherit" });
}

test.skipIf(process.platform !== "linux")("the next prompt reads what a killed one still owed and what it had shown", async () => {
  const folder = await newFolder();
  killedPrompt(folder, `journal.asked("a"); journal.asked("b"); journal.shown("a/1"); journal.answered("a")`);
  const file = join(folder, "prompts", readdirSync(join(folder, "prompts"))[0] ?? "");
  appendFileSync(file, '{"asked":"cut o');
  const [journal, ...more] = journalsOfTheDead(folder);
  expect(more).toEqual([]);
  expect([...(journal?.open ?? [])]).toEqual(["b"]);
  expect([journal?.wasShown("a/1"), journal?.wasShown("b/1")]).toEqual([true, false]);
  journal?.remove();
  expect(existsSync(file)).toBe(false);
});

test.skipIf(process.platform !== "linux")("what a killed prompt can't have stored is not waited for for ever", async () => {
  const folder = await newFolder();
  killedPrompt(folder, `journal.asked("a"); journal.stored("a"); journal.asked("b")`);
  const file = join(folder, "prompts", readdirSync(join(folder, "prompts"))[0] ?? "");
  expect([...(journalsOfTheDead(folder)[0]?.open ?? [])]).toEqual(["a", "b"]);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(file, longAgo, longAgo);
  expect([...(journalsOfTheDead(folder)[0]?.open ?? [])]).toEqual(["a"]);
});

test("a living prompt's journal is its own", async () => {
  const folder = await newFolder();
  newJournal(folder, "person").asked("a");
  expect(process.platform === "linux" ? journalsOfTheDead(folder) : []).toEqual([]);
});

test("a folder without prompts owes nothing", async () => {
  expect(journalsOfTheDead(await newFolder())).toEqual([]);
});
