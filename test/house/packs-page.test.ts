import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkTypes, loadPack } from "@bellhop/pack-loader";
import { openChat } from "@bellhop/sdk/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { root } from "./workspace.ts";

// docs/packs.md names the file of a block after its language: these are the page's packs.
const page = readFileSync(join(root, "docs/packs.md"), "utf8");
const blocks = [...page.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(([, language = "", path, text = ""]) => ({
  language,
  path,
  text,
}));

describe("docs/packs.md", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "packs-page-"));
    // What packs import.
    symlinkSync(join(root, "test/node_modules"), join(folder, "node_modules"));
    for (const { path, text } of blocks) if (path !== undefined) write(path, text);
    write("packs/rota/pack.yaml", "name: rota\n");
    write("packs/rota/package.json", JSON.stringify({ name: "bellhop-pack-rota", version: "0.1.0", type: "module" }));
    write("packs/rota/README.md", readme("rota"));
    return () => rmSync(folder, { recursive: true, force: true });
  });

  function write(path: string, text: string): void {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith("#!")) chmodSync(file, 0o755);
  }

  test.each(["rota", "door"])(
    "shows a pack %s that has nothing to complain about",
    async (name) => {
      const pack = join(folder, "packs", name);
      expect(await loadPack(pack, { modules: "own" })).toMatchObject({ kind: "loaded", warnings: [] });
      expect(await checkTypes(pack)).toEqual([]);
    },
    300_000,
  );

  test.each([
    ["{{ result.person }}", "{{ result.persn }}", /result has no field persn; there are: .*person/],
    ["{{ week }}", "{{ weak }}", /\{\{ weak \}\} is no input of the action; there are: week/],
  ])(
    "says that %s as %s does not compile, and what the message names",
    async (right, wrong, message) => {
      const file = join(folder, "packs/rota/aliases/who.ts");
      const text = readFileSync(file, "utf8");
      writeFileSync(file, text.replace(right, wrong));
      const faults = await checkTypes(join(folder, "packs/rota"));
      writeFileSync(file, text);
      expect(faults).toMatchObject([{ file: "aliases/who.ts", message: expect.stringMatching(message) as string }]);
    },
    300_000,
  );

  test.each(["rota", "door"])(
    "says of %s what it answers",
    async (name) => {
      const chat = await openChat({ pack: join(folder, "packs", name) });
      await chat.expectTranscript(transcripts(name).join("\n"));
    },
    300_000,
  );

  test("shows tests that pass", () => {
    const run = spawnSync(process.execPath, ["--test"], { cwd: join(folder, "packs/rota"), encoding: "utf8" });
    expect(run.stdout).toMatch(/pass 3/);
    expect(run.status, run.stdout).toBe(0);
  }, 300_000);
});

/** The transcripts of a pack: those whose commands its aliases have. */
function transcripts(name: string): string[] {
  const texts = blocks.filter(({ text }) => text.startsWith("you> ")).map(({ text }) => text);
  return texts.filter((text) => text.includes(name));
}

function readme(name: string): string {
  return transcripts(name)
    .map((text) => `\`\`\`text\n${text}\`\`\`\n`)
    .join("\n");
}
