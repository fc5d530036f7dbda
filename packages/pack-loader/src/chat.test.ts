import { spawnSync } from "node:child_process";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openChat, type ChatOptions } from "@bellhop/sdk/testing";
import { describe, expect, test, vi } from "vitest";
import { writePack } from "./testing/write-pack.ts";

// The kit of @bellhop/sdk/testing finds this package from a pack's folder, so it is tested here, where both are.

const shop: Record<string, string> = {
  "pack.yaml": "name: shop\nversion: 1.0.0\n",
  "config.schema.yaml": "currency: { type: string, default: EUR }\nkey: { type: string, secret: true }\n",
  "actions/price.ts": `import { ActionFailed, defineAction, z } from "@bellhop/sdk";
    export default defineAction({
      description: "What something costs",
      input: { item: z.string(), count: z.number().default(1) },
      output: z.object({ total: z.number(), currency: z.string() }),
      run: ({ input, config }) => {
        if (input.item === "moon") throw new ActionFailed("The moon is not for sale.", { result: { asked: 1 }, hint: "Ask for cheese." });
        return { total: input.count * 2, currency: String(config.currency) };
      },
    });`,
  "aliases/price.yaml": `name: price
action_ref: shop.price
formats: ["price of {{ item }}", "price of {{ count }} x {{ item }}"]
result: { format: "{{ execution.result.total }} {{ execution.result.currency }}, {{ asker.mention }}" }
`,
  "actions/login.ts": `import { defineAction, z } from "@bellhop/sdk";
    export default defineAction({ description: "Log in", input: { token: z.string() }, secrets: ["token"],
      run: ({ input, config }) => ({ said: "with " + input.token + " and " + String(config.key) }) });`,
  "aliases/login.yaml": "name: login\naction_ref: shop.login\nformats: ['login {{ token }}']\n",
  "actions/stock.ts": `import { defineAction } from "@bellhop/sdk";
    export default defineAction({ description: "What there is",
      run: ({ files, attach }) => { for (const file of files) attach("copy-of-" + file.name, "seen"); return [{ item: "a|b", count: 1 }, { item: "pear", count: 2 }]; } });`,
  "aliases/stock.yaml": "name: stock\naction_ref: shop.stock\nformats: [stock]\nresult: { extra: { whisper: true } }\n",
  "actions/wait.ts": `import { defineAction } from "@bellhop/sdk";
    export default defineAction({ description: "Wait for ever", timeout: 0.05, run: () => new Promise(() => {}) });`,
  "aliases/wait.yaml": "name: wait\naction_ref: shop.wait\nformats: [wait]\n",
  "actions/long.ts": `import { defineAction } from "@bellhop/sdk";
    export default defineAction({ description: "Much", run: () => Array.from({ length: 20000 }, (_, n) => "line " + n).join("\\n") });`,
  "aliases/long.yaml": "name: long\naction_ref: shop.long\nformats: [long]\n",
  "actions/size.yaml": `name: size
runner_type: local-shell-script
entry_point: size.sh
parameters: { item: { type: string, required: true, position: 0 } }
`,
  "actions/size.sh*": `#!/bin/sh
[ "$1" = atom ] && { echo "too small" >&2; exit 3; }
echo plan > "$BELLHOP_ATTACH/plan.txt"
echo "$1, in $BELLHOP_CONFIG_currency, $BELLHOP_PARAM_item"
`,
  "aliases/size.yaml":
    "name: size\naction_ref: shop.size\nformats: ['size of {{ item }}']\nresult: { format: '{{ execution.result.stdout }}' }\n",
  "actions/shout.yaml": `name: shout
runner_type: local-shell-cmd
parameters: { words: { type: string, required: true }, cmd: { default: "echo {{ words }} | tr a-z A-Z" } }
`,
  "aliases/shout.yaml": "name: shout\naction_ref: shop.shout\nformats: ['shout {{ words }}']\n",
};

const configured: Record<string, string> = {
  ...shop,
  "actions/tell.yaml": `name: tell
runner_type: local-shell-cmd
parameters:
  words: { type: string, required: true }
  room: { type: string, default: "{{ st2kv.system.room }}" }
  cmd: { default: "echo {{ words }} {{ room }} {{ config_context.currency }}" }
`,
  "aliases/tell.yaml": "name: tell\naction_ref: shop.tell\nformats: ['tell {{ words }}']\n",
  "actions/enter.yaml": `name: enter
runner_type: orquesta
entry_point: workflows/enter.yaml
parameters: { token: { type: string, secret: true, required: true }, key: { type: string, default: "{{ config_context.key }}" } }
`,
  "actions/workflows/enter.yaml": `version: 1.0
input: [token, key]
tasks:
  one: { action: shop.login, input: { token: "<% ctx(token) %>-<% ctx(key) %>" } }
`,
  "aliases/enter.yaml": "name: enter\naction_ref: shop.enter\nformats: ['enter {{ token }}']\n",
};

/** A pack as it is where its author has installed what it names. */
async function installed(files: Record<string, string> = shop): Promise<string> {
  const folder = await writePack(files);
  const packages = fileURLToPath(new URL("../../", import.meta.url));
  await mkdir(join(folder, "node_modules/@bellhop"), { recursive: true });
  for (const name of ["sdk", "pack-loader"]) await symlink(join(packages, name), join(folder, "node_modules/@bellhop", name));
  return folder;
}

async function chatWith(options: Omit<ChatOptions, "pack"> = {}) {
  return await openChat({ pack: await installed(), ...options });
}

test("a chat answers as people are answered: commands, help, slips, failures, files, tables", async () => {
  const chat = await chatWith();
  expect(await chat.say("price of 3 x cheese")).toMatchObject({
    text: "6 EUR, you",
    outcome: "ok",
    action: "shop.price",
    input: { item: "cheese", count: 3 },
    result: { total: 6, currency: "EUR" },
  });
  expect(await chat.say("prise of cheese")).toMatchObject({ text: expect.stringContaining("Did you mean `price of"), outcome: "refused" });
  expect(await chat.say("price of many x cheese")).toMatchObject({
    text: expect.stringContaining("It takes a number"),
    outcome: "refused",
  });
  expect(await chat.say("help shop")).toMatchObject({ text: expect.stringContaining("- `size of {{ item }}`"), outcome: "ok" });
  expect(await chat.say("price of moon")).toMatchObject({
    text: expect.stringMatching(/^shop\.price failed: The moon is not for sale\.\nAsk for cheese\.\nRun `\w{26}`$/),
    outcome: "failed",
    result: { asked: 1 },
  });
  expect(await chat.say("stock", { files: { "a.csv": "1;2", "b.bin": new Uint8Array([1]) } })).toMatchObject({
    rows: [
      { item: "a|b", count: "1" },
      { item: "pear", count: "2" },
    ],
    files: [
      { name: "copy-of-a.csv", type: "text/csv", text: "seen" },
      { name: "copy-of-b.bin", text: "seen" },
    ],
    whisper: true,
  });
  expect(await chat.say("status")).toMatchObject({ text: "Nothing is running here." });
  expect(await chat.say("allow everyone shop.*")).toMatchObject({ outcome: "refused" });
});

test("scripts and commands run as programs, with the environment and the result that runners give", async () => {
  const chat = await chatWith({ config: { currency: "CHF" } });
  expect(await chat.say("size of two words")).toMatchObject({
    text: "two words, in CHF, two words",
    result: { succeeded: true, return_code: 0, stdout: "two words, in CHF, two words", stderr: "" },
    files: [{ name: "plan.txt", text: "plan\n" }],
  });
  expect(await chat.say("size of atom")).toMatchObject({
    text: expect.stringContaining("shop.size failed: exit code 3: too small"),
    outcome: "failed",
    result: { return_code: 3, failed: true },
  });
  expect(await chat.say("shout it's; fine")).toMatchObject({ result: { stdout: "IT'S; FINE" } });
});

test("an action is stopped when its time is over", async () => {
  const chat = await chatWith();
  expect(await chat.say("wait")).toMatchObject({ text: expect.stringContaining("it ran longer than 0.05 s"), outcome: "failed" });
});

test("secrets are given to the action and seen nowhere", async () => {
  const kept = { config: { key: "{{ st2kv.system.key }}" }, kv: new Map([["system.key", "hunter2"]]) };
  for (const options of [{ config: { key: "hunter2" } }, kept]) {
    const reply = await (await chatWith(options)).say("login s3cret");
    expect(reply).toMatchObject({ input: { token: "[secret]" }, result: { said: "with [secret] and [secret]" } });
    expect(JSON.stringify(reply)).not.toMatch(/s3cret|hunter2/);
  }
});

test("templates of a pack see its configuration and what it keeps, and a workflow hands on what it must not show", async () => {
  const asked: unknown[] = [];
  const answers = { login: (input: unknown) => asked.push(input) };
  const options = { config: { key: "hunter2" }, kv: new Map([["system.room", "ops"]]), answers };
  const chat = await openChat({ pack: await installed(configured), ...options });
  expect(await chat.say("tell all")).toMatchObject({ result: { stdout: "all ops EUR" } });
  const reply = await chat.say("enter s3cret");
  expect(reply).toMatchObject({ outcome: "ok", input: { token: "[secret]", key: "[secret]" } });
  expect(asked).toEqual([{ token: "s3cret-hunter2" }]);
  expect(JSON.stringify(reply)).not.toMatch(/s3cret|hunter2/);
});

test("an answer that is too long is read on with more", async () => {
  const chat = await chatWith();
  expect(await chat.say("more")).toMatchObject({ text: expect.stringContaining("nothing to read on") });
  const pages = [await chat.say("long")];
  while (pages.at(-1)?.text.includes("Say `more`")) pages.push(await chat.say("more"));
  expect(pages.length).toBeGreaterThan(2);
  expect(pages.at(-1)?.text).toContain("line 19999");
});

test("what a pack is configured with has its defaults, its instances, and what is missing in the command that sets it", async () => {
  const chat = await openChat({
    pack: await installed({ ...shop, "config.schema.yaml": "currency: { type: string, required: true }\n" }),
    instances: { ch: { currency: "CHF" } },
  });
  expect((await chat.say("price of tea config=ch")).text).toBe("2 CHF, you");
  expect(await chat.say("price of tea")).toMatchObject({
    text: expect.stringContaining("bellhop pack config set shop currency"),
    outcome: "failed",
  });
  expect(await chat.say("price of tea config=hc")).toMatchObject({ text: expect.stringContaining("Did you mean ch?"), outcome: "failed" });
});

test("an answer can take the place of an action that must not run in a test", async () => {
  const chat = await chatWith({
    answers: {
      price: ({ count }) => ({ total: Number(count) * 100, currency: "XXX" }),
      "shop.size": { stdout: "big" },
      login: null,
      stock: () => {
        throw new Error("sold out");
      },
    },
  });
  expect((await chat.say("price of 2 x air")).text).toBe("200 XXX, you");
  expect((await chat.say("size of atom")).text).toBe("big");
  expect(await chat.say("login x")).toMatchObject({ text: "Done.", result: null });
  expect(await chat.say("stock")).toMatchObject({ text: expect.stringContaining("shop.stock failed: sold out"), outcome: "failed" });
});

test("a pack that can't be loaded says where", async () => {
  const pack = await installed({ ...shop, "aliases/price.yaml": "name: price\naction_ref: shop.price\nformat: [price]\n" });
  await expect(openChat({ pack })).rejects.toThrow(/aliases\/price\.yaml:3:1 There is no field format\.[^]*Did you mean formats\?/);
  await expect(openChat({ pack: `${pack}/gone` })).rejects.toThrow("There is no folder");
});

describe("a transcript", () => {
  const readme = [
    "# shop",
    "",
    "```sh",
    "npm install",
    "```",
    "",
    "````text",
    "you> price of cheese",
    "bot> 2 EUR, you",
    "",
    "you> price of moon",
    "bot> shop.price failed: The moon is not for sale.",
    "Ask for cheese.",
    "Run `…`",
    "you> stock",
    "bot> | item | count |",
    "| --- | ---: |",
    "| a\\|b | 1 |",
    "| pear | 2 |",
    "you> size of x",
    "bot> x, in EUR, x",
    "[plan.txt]",
    "````",
    "",
    "That is all.",
    "",
  ].join("\n");

  test("is played from a page, and from a text", async () => {
    const pack = await installed({ ...shop, "README.md": readme });
    const chat = await openChat({ pack });
    await chat.expectTranscript("README.md");
    await chat.expectTranscript("you> price of cheese\nbot> … EUR, you");
    await expect(chat.expectTranscript("pack.yaml")).rejects.toThrow('no line that begins with "you> " in a fenced block');
  });

  test("that is wrong is shown beside what was really said, whole", async () => {
    const chat = await chatWith();
    const wrong = chat.expectTranscript("you> price of cheese\nbot> 2 EUR, you\nyou> price of tea\nbot> 3 EUR, you\n");
    await expect(wrong).rejects.toMatchObject({
      name: "AssertionError",
      actual: "you> price of cheese\nbot> 2 EUR, you\nyou> price of tea\nbot> 2 EUR, you\n",
      expected: "you> price of cheese\nbot> 2 EUR, you\nyou> price of tea\nbot> 3 EUR, you\n",
    });
  });

  test("is written into its page on demand, but for what varies", async () => {
    const stale = readme.replace("2 EUR, you", "9 EUR, you").replace("[plan.txt]\n", "");
    const pack = await installed({ ...shop, "README.md": stale });
    const chat = await openChat({ pack });
    await expect(chat.expectTranscript("README.md")).rejects.toThrow("bellhop pack test --update");
    vi.stubEnv("BELLHOP_TRANSCRIPTS", "write");
    await chat.expectTranscript("README.md");
    vi.unstubAllEnvs();
    expect(await readFile(join(pack, "README.md"), "utf8")).toBe(readme);
  });
});

test("the kit works the same under Node's own test runner", async () => {
  const pack = await installed({
    ...shop,
    "pack.test.ts": `import assert from "node:assert/strict";
      import { test } from "node:test";
      import { openChat } from "@bellhop/sdk/testing";
      test("both kinds", async () => {
        const chat = await openChat({ pack: import.meta.dirname });
        assert.equal((await chat.say("price of cheese")).text, "2 EUR, you");
        assert.match((await chat.say("wait")).text, /ran longer than/);
        await chat.expectTranscript("you> size of x\\nbot> x, in EUR, x\\n[plan.txt]");
      });`,
  });
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--test", "pack.test.ts"], { cwd: pack, encoding: "utf8" });
  expect(status, `${stdout}${stderr}`).toBe(0);
  expect(stdout).toContain("pass 1");
});
