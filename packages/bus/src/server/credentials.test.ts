import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ensureCredentials } from "./credentials.ts";
import { roles } from "./permissions.ts";

test("every role gets a key of its own, readable by its owner alone, and keeps it", async () => {
  const root = await mkdtemp(join(tmpdir(), "bellhop-credentials-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [first, second] = await Promise.all([ensureCredentials(root), ensureCredentials(root)]);
  expect(second).toEqual(first);
  expect(await ensureCredentials(root)).toEqual(first);
  expect(new Set(roles.map((role) => first[role].publicKey)).size).toBe(roles.length);
  expect((await stat(join(root, "credentials"))).mode & 0o777).toBe(0o700);
  for (const role of roles) {
    expect(first[role].file).toBe(join(root, "credentials", `${role}.nk`));
    expect((await stat(first[role].file)).mode & 0o777).toBe(0o600);
    expect(await readFile(first[role].file, "utf8")).toMatch(/^SU[A-Z0-9]+\n$/);
    expect(first[role].publicKey).toMatch(/^U[A-Z0-9]{55}$/);
  }
});
