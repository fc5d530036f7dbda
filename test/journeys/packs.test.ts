import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startInstallation, type Installation } from "./installation.ts";

const patience = 240_000;
const packages = join(import.meta.dirname, "..", "..", "packages");
let home: string;
let author: Installation;
let elsewhere: Installation;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "bellhop-packs-"));
  author = await startInstallation(join(home, "author"));
  // As `npm install` leaves them where packs are written.
  await mkdir(join(author.folder, "node_modules/@bellhop"), { recursive: true });
  for (const name of ["sdk", "pack-loader"]) await symlink(join(packages, name), join(author.folder, "node_modules/@bellhop", name));
}, patience);
afterAll(async () => {
  await Promise.all([author, elsewhere].map((one) => one?.end()));
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

test(
  "a pack is written, answers as it is saved, is checked, tested, packed, installed elsewhere, and taken back",
  { timeout: patience },
  async () => {
    const made = await author.bellhop("pack", "new", "weather", "--typescript", "--description", "Looks out of the window");
    expect(made).toMatchObject({ code: 0 });
    const pack = join(author.folder, "packs/weather");
    const [, asked = "", answered = ""] = /^you> (.+)\nbot> (.+)$/m.exec(await readFile(join(pack, "README.md"), "utf8")) ?? [];
    await author.answers(asked, answered);

    await write(pack, sources("fine"));
    await author.answers("look outside", "It is fine.");

    await write(pack, sources(7));
    expect(await author.bellhop("pack", "check", "packs/weather")).toMatchObject({
      code: 1,
      out: expect.stringMatching(/actions\/look\.ts:6:\d+ .*not assignable to type 'string'/),
    });
    await write(pack, sources("fine"));
    expect(await author.bellhop("pack", "check", "packs/weather")).toMatchObject({ code: 0 });
    expect(await author.bellhop("pack", "test", "packs/weather")).toMatchObject({ code: 0 });

    const first = await npmPack(pack);
    await write(pack, sources("dry"));
    await npm(["version", "minor", "--no-git-tag-version"], pack);
    const second = await npmPack(pack);
    await author.answers("look outside", "It is dry.");

    elsewhere = await startInstallation(join(home, "elsewhere"));
    expect(await elsewhere.bellhop("pack", "install", first.file)).toMatchObject({ code: 0 });
    await elsewhere.answers("look outside", "It is fine.");
    expect(await elsewhere.bellhop("pack", "install", second.file)).toMatchObject({ code: 0 });
    await elsewhere.answers("look outside", "It is dry.");
    expect(await elsewhere.bellhop("pack", "activate", "weather", first.version)).toMatchObject({ code: 0 });
    await elsewhere.answers("look outside", "It is fine.");
    expect(await elsewhere.bellhop("pack", "activate", "weather", "previous")).toMatchObject({ code: 0 });
    await elsewhere.answers("look outside", "It is dry.");
  },
);

const alias = `import { defineAlias } from "@bellhop/sdk";
import look from "../actions/look.ts";

export default defineAlias({ action: look, formats: ["look outside"], reply: "It is {{ result.words }}." });
`;

function sources(words: unknown): Record<string, string> {
  return {
    "aliases/look.ts": alias,
    "actions/look.ts": `import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Look out of the window",
  output: z.object({ words: z.string() }),
  run: () => ({ words: ${JSON.stringify(words)} }),
});
`,
  };
}

async function write(pack: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) await writeFile(join(pack, path), text);
}

async function npmPack(folder: string): Promise<{ file: string; version: string }> {
  const [packed] = JSON.parse(await npm(["pack", "--json", `--pack-destination=${home}`], folder)) as {
    filename: string;
    version: string;
  }[];
  if (packed === undefined) throw new Error("npm packed nothing");
  return { file: join(home, packed.filename), version: packed.version };
}

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: home, npm_config_update_notifier: "false" };
  return (await promisify(execFile)("npm", [...args], { cwd, env })).stdout;
}
