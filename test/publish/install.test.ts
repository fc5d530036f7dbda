import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRegistry, type TestRegistry } from "@bellhop/testkit/registry";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../house/workspace.ts";
import { startStage, type Prompt, type Stage } from "../stage.ts";
import { until } from "../until.ts";
import { packageManagerEnv, run, writeFiles } from "./packages.ts";

const patience = { timeout: 180_000 };
let home: string;
let registry: TestRegistry;
let stage: Stage;
let prompt: Prompt;
let env: NodeJS.ProcessEnv;

/** An author's folder and a registry; and an installation that has only the registry in common with it, whose parts share no disk with each other. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "bellhop-install-"));
  registry = await startRegistry();
  stage = await startStage({ factor: 1, packs: [] });
  const disk = (name: string) => ({ env: { BELLHOP_FOLDER: join(home, name) } });
  stage.start("engine-1", disk("disk-engine"));
  stage.start("runner-1", disk("disk-1"));
  stage.start("runner-2", disk("disk-2"));
  prompt = stage.prompt();
  env = { ...(await packageManagerEnv(join(home, "owner"), registry)), NATS_URL: stage.nats.url, BELLHOP_FOLDER: join(home, "disk-owner") };
});
afterAll(async () => {
  await stage.end();
  await registry.close();
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

test("a published pack is installed, answers from every runner, is upgraded, and goes back", patience, async () => {
  await publish("degrees", degrees);
  await publish("weather-1.0.0", weather({ version: "1.0.0", words: "fine" }));
  const installed = await bellhop("pack", "install", "@acme/pack-weather");
  expect(installed).toMatch(/weather 1\.0\.0.* answers now/);
  expect(await heard("Rome: 20 degrees, fine")).toEqual(new Set(["disk-1", "disk-2"]));

  await publish("weather-1.1.0", weather({ version: "1.1.0", words: "dry" }));
  await bellhop("pack", "upgrade", "weather");
  expect(await heard("Rome: 20 degrees, dry")).toEqual(new Set(["disk-1", "disk-2"]));

  // From here on nothing is had from anywhere.
  await registry.close();
  await bellhop("pack", "activate", "weather", "1.0.0");
  expect(await heard("Rome: 20 degrees, fine")).toEqual(new Set(["disk-1", "disk-2"]));
  const { packs } = JSON.parse(await bellhop("pack", "list", "--json")) as { packs: object[] };
  const from = { kind: "npm", signature: "verified" };
  expect(packs).toMatchObject([{ name: "weather", version: "1.0.0", active: true, from, others: [{ version: "1.1.0", from }] }]);
});

/** Asks until both runners have given this answer; gives the disks it came from. */
async function heard(words: string): Promise<Set<string>> {
  const disks = () =>
    new Set(prompt.shown.flatMap(({ text }) => (text.startsWith(`${words} from `) ? [/\/(disk-\d)\//.exec(text)?.[1] ?? text] : [])));
  prompt.shown.length = 0;
  let asked = 0;
  await until(
    () => {
      // Several at once: each runner takes some.
      for (; asked - prompt.shown.length < 4; asked++) prompt.say("weather in Rome");
      return disks().size === 2;
    },
    { instead: () => prompt.shown.slice(-5), everyMs: 100 },
  );
  await until(() => prompt.shown.length === asked, { instead: () => prompt.shown.slice(-5) });
  return disks();
}

async function publish(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  await writeFiles(join(home, name), files);
  await run("npm", ["publish"], { cwd: join(home, name), env });
}

function bellhop(...args: string[]): Promise<string> {
  return run(process.execPath, [join(root, "apps/cli/src/main.ts"), ...args], { cwd: home, env });
}

const degrees = {
  "package.json": JSON.stringify({ name: "@acme/degrees", version: "1.0.0", main: "index.js" }),
  "index.js": "exports.celsius = (fahrenheit) => ((fahrenheit - 32) * 5) / 9;\n",
};

function weather({ version, words }: { version: string; words: string }): Record<string, string> {
  const keywords = ["bellhop", "bellhop-pack"];
  const dependencies = { "@bellhop/sdk": "^0.1.0", "@acme/degrees": "^1.0.0" };
  return {
    "package.json": JSON.stringify({ name: "@acme/pack-weather", version, type: "module", keywords, dependencies }),
    "pack.yaml": "name: weather\ndescription: Looks out of the window\n",
    "actions/look.ts": `import { celsius } from "@acme/degrees";
import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Look out of the window",
  input: { town: z.string() },
  output: z.object({ words: z.string() }),
  repeatable: true,
  run: ({ input }) => ({ words: input.town + ": " + celsius(68) + " degrees, ${words} from " + import.meta.dirname }),
});
`,
    "aliases/look.ts": `import { defineAlias } from "@bellhop/sdk";
import look from "../actions/look.ts";

export default defineAlias({ action: look, formats: ["weather in {{ town }}"], reply: "{{ result.words }}" });
`,
  };
}
