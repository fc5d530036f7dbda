import { spawn } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { processIdentity } from "@bellhop/service";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSpoolFile, takeOverSpoolFiles, type SpoolFile } from "./spool-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellhop-spool-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it("gives back what was appended, in order, and is empty when all of it is dealt with", async () => {
  const file = await createSpoolFile(folder);
  await Promise.all(["a", "b", "ü\u2028 c"].map((line) => file.append(line)));
  expect([file.isEmpty, file.bytes]).toEqual([false, 12]);
  expect(await file.next()).toEqual(["a", "b", "ü\u2028 c"]);
  expect(await file.next()).toHaveLength(3);
  file.advance();
  const later = file.append("d");
  expect(file.isEmpty).toBe(false);
  await later;
  expect(await file.next()).toEqual(["d"]);
  file.advance();
  expect([file.isEmpty, await file.next()]).toEqual([true, []]);
  await file.close();
});

it("gives back many lines and long ones", async () => {
  const file = await createSpoolFile(folder);
  const lines = Array.from({ length: 3_000 }, (_, index) => `${index} `.padEnd(index === 1_500 ? 700_000 : 200, "."));
  await Promise.all(lines.map((line) => file.append(line)));
  expect(await readAll(file)).toEqual(lines);
  await file.close();
});

it("takes no room for what is dealt with, once that is everything", async () => {
  const file = await createSpoolFile(folder);
  await file.append("a");
  await file.clear();
  expect(await readAll(file)).toEqual(["a"]);
  const full = await sizeOf(folder);
  await Promise.all([file.clear(), file.append("b")]);
  expect(await sizeOf(folder)).toBe(full);
  expect(await readAll(file)).toEqual(["b"]);
  await file.close();
});

it("lets nobody else read it, and leaves nothing behind when it was empty", async () => {
  const file = await createSpoolFile(folder);
  const [name = ""] = await readdir(join(folder, "spool"));
  const modes = [await stat(join(folder, "spool")), await stat(join(folder, "spool", name))].map(({ mode }) => mode & 0o777);
  expect(modes).toEqual([0o700, 0o600]);
  await writeFile(file.beside(), "left over");
  await file.close();
  expect(await readdir(join(folder, "spool"))).toEqual([]);
});

it("takes over what a killed process left, without the line it did not finish", async () => {
  const path = await leaveBehind("a\nb\nc is cut sho");
  const [file, ...others] = await takeOverSpoolFiles(folder);
  expect(others).toEqual([]);
  expect(file && (await readAll(file))).toEqual(["a", "b"]);
  await file?.close();
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

it("finds whole lines wherever a file was cut off", async () => {
  const lines = fc.array(
    fc.string({ unit: "grapheme", minLength: 1 }).map((text) => JSON.stringify(text)),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(lines, fc.nat({ max: 200 }), async (written, cut) => {
      const path = await leaveBehind(written.map((line) => `${line}\n`).join(""));
      const head = (await readFile(path)).indexOf("\n") + 1;
      const { size } = await stat(path);
      await truncate(path, Math.max(head, size - cut));
      const whole = (await readFile(path, "utf8")).split("\n").slice(1, -1);
      const [file] = await takeOverSpoolFiles(folder);
      expect(file && (await readAll(file))).toEqual(whole);
      expect(whole).toEqual(written.slice(0, whole.length));
      await file?.close();
    }),
    { numRuns: 50 },
  );
});

it("takes over the oldest first", async () => {
  await leaveBehind("later\n", "2026-01-01T00:00:02.000Z");
  await leaveBehind("first\n", "2026-01-01T00:00:01.000Z");
  const files = await takeOverSpoolFiles(folder);
  expect((await Promise.all(files.map(readAll))).flat()).toEqual(["first", "later"]);
  for (const file of files) await file.close();
});

it.each([
  ["of a process that is gone", { host: hostname(), process: { ...processIdentity(), pid: 2 ** 22 + 1 } }, "taken away"],
  ["of an earlier start of this machine", { host: hostname(), process: { boot: "earlier", pid: 1, started: "1" } }, "taken away"],
  ["that nobody can tell the process of", { host: hostname() }, "read and left"],
  ["of another machine", { host: "elsewhere", process: { boot: "other", pid: 1, started: "1" } }, "read and left"],
  ["of another machine, a week old", { host: "elsewhere", process: { boot: "other", pid: 1, started: "1" }, days: 7.5 }, "taken away"],
  ["of a process that lives", { host: hostname(), process: processIdentity(process.ppid) }, "left alone"],
])(
  "knows whether a file is anybody's: one %s",
  async (_, { days = 0, ...owner }: { host: string; process?: object; days?: number }, expected) => {
    const path = join(folder, "spool", "0123.jsonl");
    await mkdir(join(folder, "spool"));
    await writeFile(path, `${JSON.stringify({ spool: 1, at: "2026-01-01T00:00:00.000Z", ...owner })}\na\n`);
    const written = Date.now() / 1000 - days * 86_400;
    await utimes(path, written, written);
    const [file] = await takeOverSpoolFiles(folder);
    expect(file && (await readAll(file))).toEqual(expected === "left alone" ? undefined : ["a"]);
    await file?.close();
    expect(await takeOverSpoolFiles(folder)).toEqual([]);
    expect(await readdir(join(folder, "spool"))).toEqual(expected === "taken away" ? [] : ["0123.jsonl"]);
  },
);

it("is not empty while the last line is being written", async () => {
  const file = await createSpoolFile(folder);
  let told = false;
  const appended = file.append("a").then(() => (told = true));
  while (!told) {
    expect(file.isEmpty).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await appended;
  await file.close();
});

it("leaves alone what is in use, and what is no spool", async () => {
  const own = await createSpoolFile(folder);
  await own.append("a");
  await writeFile(join(folder, "spool", "notes.jsonl"), "hello\n");
  expect(await takeOverSpoolFiles(folder)).toEqual([]);
  await own.close();
  const [again] = await takeOverSpoolFiles(folder);
  expect(again && (await readAll(again))).toEqual(["a"]);
  await again?.close();
});

it("is there for the next one although its process was killed right after it was told", async () => {
  const script = `
    import { createSpoolFile } from ${JSON.stringify(new URL("spool-file.ts", import.meta.url).href)};
    const file = await createSpoolFile(${JSON.stringify(folder)});
    await Promise.all(["a", "b"].map((line) => file.append(line)));
    process.kill(process.pid, "SIGKILL");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "ignore", "inherit"] });
  const signal = await new Promise((resolve) => child.once("exit", (_, by) => resolve(by)));
  expect(signal).toBe("SIGKILL");
  const [file] = await takeOverSpoolFiles(folder);
  expect(file && (await readAll(file))).toEqual(["a", "b"]);
  await file?.close();
});

let left = 0;

/** A file of a process that is gone. */
async function leaveBehind(text: string, at = "2026-01-01T00:00:00.000Z"): Promise<string> {
  await mkdir(join(folder, "spool"), { recursive: true });
  const path = join(folder, "spool", `left${++left}.jsonl`);
  const owner = { ...processIdentity(), pid: 2 ** 22 + 1 };
  await appendFile(path, `${JSON.stringify({ spool: 1, host: hostname(), process: owner, at })}\n${text}`);
  return path;
}

async function readAll(file: SpoolFile): Promise<string[]> {
  const all: string[] = [];
  for (let lines = await file.next(); lines.length > 0; lines = await file.next()) {
    all.push(...lines);
    file.advance();
  }
  return all;
}

async function sizeOf(of: string): Promise<number> {
  const names = await readdir(join(of, "spool"));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(of, "spool", name))).size));
  return sizes.reduce((a, b) => a + b, 0);
}
