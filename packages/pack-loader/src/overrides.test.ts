import { expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";
import { describeProblem } from "./problem.ts";
import { writePack } from "./testing/write-pack.ts";

const files = {
  "packs/door/pack.yaml": "name: door\nversion: 1.0.0\n",
  "packs/door/actions/open.yaml": "name: open\nrunner_type: local-shell-cmd\n",
  "packs/door/actions/shut.yaml": "name: shut\nrunner_type: local-shell-cmd\nenabled: false\n",
  "packs/door/aliases/open.yaml": "name: open\naction_ref: door.open\nformats: [open]\n",
  "packs/door/rules/night.yaml":
    "name: night\nenabled: false\ntrigger: {type: core.st2.webhook, parameters: {url: n}}\naction: {ref: door.shut}\n",
};

async function load(more: Record<string, string>) {
  const root = await writePack({ ...files, ...more });
  const pack = await loadPack(`${root}/packs/door`, { overrides: `${root}/overrides` });
  if (pack.kind === "faulty") throw new Error(pack.problems.map((problem) => describeProblem("", problem)).join("\n"));
  const { actions, aliases, rules = [] } = pack.version;
  const on = [...actions, ...aliases, ...rules]
    .filter(({ enabled }) => enabled)
    .map(({ source, name }) => `${source.file.split("/")[0]} ${name}`);
  return { on, pack, told: pack.warnings.map((problem) => describeProblem("packs/door", problem)) };
}

test.each<[string, Record<string, string>, string[]]>([
  ["nothing is said", {}, ["actions open", "aliases open"]],
  ["one is switched off", { "overrides/door.yaml": "actions: {exceptions: {open: {enabled: false}}}\n" }, ["aliases open"]],
  [
    "a rule is switched on",
    { "overrides/door.yaml": "rules: {defaults: {enabled: true}}\n" },
    ["actions open", "aliases open", "rules night"],
  ],
  [
    "an exception is made",
    { "overrides/door.yaml": "actions: {defaults: {enabled: false}, exceptions: {shut: {enabled: true}}}\n" },
    ["actions shut", "aliases open"],
  ],
  [
    "the pack's own file wins over that of all packs",
    {
      "overrides/_global.yaml": "aliases: {defaults: {enabled: false}}\nactions: {defaults: {enabled: false}}\n",
      "overrides/door.yaml": "aliases: {defaults: {enabled: true}}\n",
    },
    ["aliases open"],
  ],
  ["it is said of another pack", { "overrides/other.yaml": "actions: {defaults: {enabled: false}}\n" }, ["actions open", "aliases open"]],
])("where %s, that counts", async (_, overrides, expected) => {
  const { on, told } = await load(overrides);
  expect(on).toEqual(expected);
  expect(told).toEqual([]);
});

test("an action can be said to be repeatable, and the digest says that something is different", async () => {
  const { pack } = await load({ "overrides/door.yaml": "actions: {exceptions: {open: {repeatable: true}}}\n" });
  expect(pack.version.actions).toMatchObject([
    { name: "open", repeatable: true },
    { name: "shut", repeatable: false },
  ]);
  expect(pack.version.digest).not.toBe((await load({})).pack.version.digest);
});

test("what is wrong with a file is told with its place, and changes nothing", async () => {
  const { on, told } = await load({
    "overrides/_global.yaml": "actions: {defaults: {enabld: false}}\n",
    "overrides/door.yaml": "aliases: {exceptions: {opn: {enabled: false}}}\n",
  });
  expect(on).toEqual(["actions open", "aliases open"]);
  expect(told).toEqual([
    "overrides/_global.yaml:1:22 There is no field enabld in actions.defaults.\n  Did you mean enabled?",
    "overrides/door.yaml:1:29 The pack has nothing called opn among its aliases.\n  Did you mean open?",
  ]);
});
