import { appendFile, chmod, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { loadPack, type LoadedPack } from "./load-pack.ts";
import { describeProblem, type PackProblem } from "./problem.ts";
import { emptyFolder, writePack } from "./testing/write-pack.ts";

// Each fresh child loads a compiler, which takes its time where other suites run too.
vi.setConfig({ testTimeout: 60_000 });

const packYaml = "name: deploy\nversion: 1.10\ndescription: Deploys.\nauthor: Ana\n";

const good = {
  "pack.yaml": packYaml,
  "actions/deploy.ts": `import { defineAction, z } from "@bellhop/sdk";
import { urlOf } from "../lib/url.ts";

export default defineAction({
  description: "Deploy a service",
  input: {
    service: z.string().describe("What."),
    version: z.string().default("latest"),
    count: z.int().optional(),
    token: z.string().nullable(),
  },
  output: z.object({ url: z.string() }),
  secrets: ["token"],
  repeatable: { version: ["latest"] },
  timeout: 90,
  run: ({ input }) => ({ url: urlOf(input.service) }),
});
`,
  "lib/url.ts": "export const urlOf = (service: string): string => `https://${service}.test`;\n",
  "aliases/deploy.ts": `import { defineAlias } from "@bellhop/sdk";
import deploy from "../actions/deploy.ts";

export default defineAlias({ action: deploy, formats: ["deploy {{ service }} {{ version = latest }}"], reply: "At {{ result.url }}" });
`,
  "actions/restart.yaml": `---
name: restart
runner_type: local-shell-script
description: Restart it
entry_point: restart.sh
tags: [repeatable]
parameters:
  host: { type: string, required: true, position: 0 }
`,
  "actions/restart.sh*": "#!/bin/sh\necho $1\n",
  "aliases/restart.yaml": `name: restart
action_ref: deploy.restart
formats:
  - display: restart HOST
    representation: ["restart {{ host }}", "bounce {{ host }}"]
result:
  format: "{{ execution.result.stdout }}"
`,
  "actions/deploy.test.ts": "throw new Error('tests do not travel');",
  ".env": "SECRET=1",
  "deploy-1.10.tgz": "what npm pack left",
};

async function loaded(folder: string): Promise<LoadedPack> {
  const pack = await loadPack(folder);
  if (pack.kind === "faulty") throw new Error(pack.problems.map((problem) => describeProblem("", problem)).join("\n"));
  return pack;
}

/** Problems, and then warnings, as they are told. */
function everything(pack: Awaited<ReturnType<typeof loadPack>>): string[] {
  const lines = (problems: readonly PackProblem[]) => problems.map((problem) => describeProblem("", problem).replaceAll("\n ", " |"));
  return [...(pack.kind === "faulty" ? lines(pack.problems) : []), ...lines(pack.warnings).map((line) => `warning: ${line}`)];
}

describe("a good pack", () => {
  test("becomes the same definitions from both spellings", async () => {
    const { version, warnings } = await loaded(await writePack(good));
    expect(warnings).toEqual([]);
    expect(version).toMatchObject({ name: "deploy", version: "1.10", description: "Deploys." });
    expect(version.actions).toEqual([
      {
        ref: "deploy.deploy",
        pack: "deploy",
        name: "deploy",
        description: "Deploy a service",
        enabled: true,
        kind: "typescript",
        entryPoint: "actions/deploy.mjs",
        parameters: {
          service: { type: "string", description: "What.", required: true },
          version: { type: "string", default: "latest" },
          count: { type: "integer" },
          token: { type: ["string", "null"], required: true, secret: true },
        },
        output: { type: "object", properties: { url: { type: "string" } }, required: ["url"] },
        repeatable: { version: ["latest"] },
        timeoutMs: 90_000,
        pool: "default",
        source: { file: "actions/deploy.ts", line: 4, column: 16 },
      },
      {
        ref: "deploy.restart",
        pack: "deploy",
        name: "restart",
        description: "Restart it",
        enabled: true,
        kind: "local-shell-script",
        entryPoint: "actions/restart.sh",
        parameters: { host: { type: "string", required: true, position: 0 } },
        repeatable: true,
        pool: "default",
        source: { file: "actions/restart.yaml", line: 2, column: 1 },
      },
    ]);
    expect(version.aliases).toMatchObject([
      {
        ref: "deploy.deploy",
        action: "deploy.deploy",
        formats: [{ display: "deploy {{ service }} {{ version = latest }}", matchMultiple: false }],
        result: { enabled: true, format: "At {{ result.url }}" },
      },
      {
        ref: "deploy.restart",
        action: "deploy.restart",
        formats: [{ display: "restart HOST", representation: ["restart {{ host }}", "bounce {{ host }}"] }],
        result: { format: "{{ execution.result.stdout }}" },
      },
    ]);
  });

  test("travels as JavaScript and data, without tests and what starts with a dot", async () => {
    const { files } = await loaded(await writePack(good));
    expect(files.files.map((file) => [file.path, file.executable])).toEqual([
      ["actions/deploy.mjs", false],
      ["actions/restart.sh", true],
      ["actions/restart.yaml", false],
      ["aliases/restart.yaml", false],
      ["lib/url.mjs", false],
      ["pack.yaml", false],
    ]);
  });

  test("has one digest, wherever it lies and whenever it was written", async () => {
    const [here, there] = [await loaded(await writePack(good)), await loaded(await writePack(good))];
    expect(there.version.digest).toBe(here.version.digest);
    expect(here.version.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(here.files.digest).toBe(here.version.digest);
    expect(JSON.stringify(Buffer.from(here.files.files[0]?.base64 ?? "", "base64").toString())).not.toContain("bellhop-pack-");

    const folder = await writePack(good);
    await chmod(join(folder, "actions/restart.sh"), 0o644);
    expect((await loaded(folder)).version.digest).not.toBe(here.version.digest);
  });

  test("is read from the cache when nothing changed, and anew when something did", async () => {
    const traces = join(await emptyFolder(), "traces");
    const folder = await writePack({
      ...good,
      "actions/traced.ts": `import { defineAction } from "@bellhop/sdk";
import { appendFileSync } from "node:fs";
appendFileSync(${JSON.stringify(traces)}, "x");
export default defineAction({ description: "x", run: () => 1 });
`,
    });
    const cacheFolder = join(await emptyFolder(), "cache");
    const first = await loadPack(folder, { cacheFolder });
    expect(await loadPack(folder, { cacheFolder })).toEqual(first);
    expect(await readFile(traces, "utf8")).toBe("x");
    await appendFile(join(folder, "lib/url.ts"), "// changed\n");
    expect(await loadPack(folder, { cacheFolder })).toMatchObject({ kind: "loaded" });
    expect(await readFile(traces, "utf8")).toBe("xx");
  });
});

describe("how an alias acknowledges, who sees its reply, and what is seen before", () => {
  const spoken = {
    "pack.yaml": packYaml,
    "actions/wait.yaml": "name: wait\nrunner_type: local-shell-cmd\n",
    "aliases/a.yaml": `name: a
action_ref: deploy.wait
formats: [a]
ack:
  format: "On it: {{ execution.id }}"
  append_url: false
  extra: { as: typing, xmpp: { color: red } }
result:
  extra:
    whisper: true
`,
    "aliases/b.yaml":
      "name: b\naction_ref: deploy.wait\nformats: [b]\nextra: { color: good, slack: { title: all }, security: { twofactor: r } }\nack: { enabled: false }\nresult: { extra: { live: false, irc: {}, xmpp: {}, slack: { title: T } } }\n",
    "aliases/c.yaml": 'name: c\naction_ref: deploy.wait\nformats: [c]\nack:\n  format: "{{ execution.id | uper }}"\n',
    "aliases/d.ts": `import { defineAlias } from "@bellhop/sdk";
export default defineAlias({ action: "deploy.wait", formats: ["d"], ack: { format: "Wait", as: "message", extra: { color: "good" } }, extra: { cards: [{ title: "T" }] }, whisper: true });
`,
    "aliases/e.ts": `import { defineAlias } from "@bellhop/sdk";
export default defineAlias({ action: "deploy.wait", formats: ["e"], ack: false, live: true });
`,
  };

  test("stands in both spellings", async () => {
    const { version, warnings } = await loaded(await writePack(spoken));
    expect(version.aliases.map(({ ack, result }) => ({ ack, result }))).toEqual([
      {
        ack: { enabled: true, format: "On it: {{ execution.id }}", as: "typing", appendUrl: false },
        result: { enabled: true, whisper: true },
      },
      {
        ack: { enabled: false, extra: { color: "good", slack: { title: "all" } } },
        result: { enabled: true, live: false, extra: { color: "good", slack: { title: "T" } } },
      },
      { ack: { enabled: true, format: "{{ execution.id | uper }}" }, result: { enabled: true } },
      {
        ack: { enabled: true, format: "Wait", as: "message", extra: { color: "good" } },
        result: { enabled: true, whisper: true, extra: { cards: [{ title: "T" }] } },
      },
      { ack: { enabled: false }, result: { enabled: true, live: true } },
    ]);
    expect(warnings.map((warning) => describeProblem("", warning).split("\n")[0])).toEqual([
      "aliases/a.yaml:7:30 ack.extra: xmpp is not used.",
      "aliases/b.yaml:4:56 extra: security is not used.",
      "aliases/b.yaml:6:38 result.extra: irc, xmpp are not used.",
      "aliases/c.yaml:5:12 The template can't be filled in: No filter named 'uper'.",
    ]);
  });

  test("is told with its place where it is something else", async () => {
    const folder = await writePack({
      ...spoken,
      "aliases/a.yaml": `name: a
action_ref: deploy.wait
formats: [a]
ack:
  enabled: maybe
  extra: { as: tpying }
result:
  extra:
    whisper: who
`,
      "aliases/b.yaml": "name: b\naction_ref: deploy.wait\nformats: [b]\nack: yes please\nresult: { extra: loud }\n",
      "aliases/d.ts": `import { defineAlias } from "@bellhop/sdk";
export default defineAlias({ action: "deploy.wait", formats: ["d"], ack: { as: "tpying" }, whisper: "me", live: 1 } as never);
`,
    });
    const pack = await loadPack(folder);
    const told = everything(pack);
    expect(told).toMatchInlineSnapshot(`
      [
        "aliases/a.yaml:5:12 ack.enabled is "maybe". | Expected true or false.",
        "aliases/a.yaml:6:16 ack.extra.as is "tpying". | Expected one of reaction, typing, message.",
        "aliases/a.yaml:9:14 result.extra.whisper is "who". | Expected true or false.",
        "aliases/b.yaml:4:6 ack is "yes please". | Expected fields (name: value).",
        "aliases/b.yaml:5:18 result.extra is "loud". | Expected fields (name: value).",
        "aliases/d.ts:2:69 ack says nothing about an acknowledgement. | Expected false, or { format: "…", as: "reaction" | "typing" | "message" }, each of them optional.",
        "aliases/d.ts:2:92 whisper is "me". | Expected true or false.",
        "aliases/d.ts:2:107 live is 1. | Expected true or false.",
        "warning: aliases/c.yaml:5:12 The template can't be filled in: No filter named 'uper'.",
      ]
    `);
  });
});

describe("what a pack does not understand yet", () => {
  test("is said, and the rest is loaded", async () => {
    const pack = await loaded(
      await writePack({
        "pack.yaml": packYaml,
        "sensors/on-push.yaml": "class_name: OnPush\nentry_point: on_push.py\n",
        "actions/pull.yaml": "name: pull\nrunner_type: python-script\nentry_point: pull.py\n",
      }),
    );
    expect(pack.version.actions).toMatchObject([{ ref: "deploy.pull", kind: "python-script" }]);
    expect(pack.warnings).toEqual([
      {
        file: "actions/pull.yaml",
        line: 2,
        column: 14,
        message: "No runner here can carry out an action of the kind python-script.",
        hint: "Kinds there are: typescript, local-shell-cmd, local-shell-script, announcement, post, post-result, format-result, orquesta, action-chain, inquirer, fire.",
      },
      {
        file: "sensors/on-push.yaml",
        line: 2,
        column: 14,
        message: "There is no file sensors/on_push.py: OnPush is never started.",
        hint: "Its triggers can be fired by other means: rules on them are read.",
      },
    ]);
  });
});

describe("a faulty pack in YAML", () => {
  test("is told everything at once, with file, line and column", async () => {
    const folder = await writePack({
      "pack.yaml": "name: Deploy Things\ndescription: 5\n",
      "actions/a.yaml": `name: a
runner_typ: local-shell-cmd
runner_type: local-shel-cmd
enabled: perhaps
parameters:
  host:
    type: strin
    requierd: true
  "bad name": {}
`,
      "actions/b.yaml": `name: b
runner_type: local-shell-script
entry_point: ../../etc/passwd
`,
      "actions/c.yaml": `name: c
runner_type: local-shell-script
entry_point: run.ssh
`,
      "actions/run.sh*": "#!/bin/sh\n",
      "actions/d.yaml": `name: d
runner_type: nonsense
`,
      "actions/e.yaml": "name: d\nrunner_type: local-shell-cmd\n",
      "actions/f.yaml": `name: f
runner_type: local-shell-cmd
parameters:
  cmd:
    default: "echo {{ message | upper }}"
`,
      "actions/l.yaml": `name: l
runner_type: local-shell-cmd
parameters:
  message: { type: string }
  cmd:
    default: "echo {{ mesage }} {{ st2kv.system.x }} {{ timeout }}"
`,
      "actions/k.yaml": `name: k
runner_type: local-shell-cmd
parameters:
  cmd:
    default: >-
      echo hello &&
      cat <<END {{ message }}
      $((  {{ message }} ))
  message: { type: string }
`,
      "actions/g.yaml": "name: g\nrunner_type: local-shell-script\n",
      "actions/h.yaml": "- a\n- list\n",
      "actions/i.yaml": "name: 'i\nrunner_type: x\n",
      "actions/j.yaml": `name: j
runner_type: local-shell-cmd
parameters: { cmd: { type: string }, message: { type: string, requierd: true } }
`,
      "aliases/a.yaml": `name: a
action_ref: pack.j
formats:
  - say {{ message }} {{ mesage = x }}
  - display: x
    representation: [ "{{ cmd }}", "{{ cmf }}" ]
    matchmultiple: true
immutable_parameters:
  cnd: ls
result:
  format: "{% if x %}yes{% endif %}"
`,
      "aliases/b.yaml": "name: b\naction_ref: pack.dd\nformats: [b]\n",
      "aliases/d.yaml": "name: d\naction_ref: pack.j\nformats:\n  - ok {{ cmd }}\n  - run ({{ cmd }}\n  - cast {{ cmd }} {{ cmd }}\n",
      "aliases/c.yaml": "name: c\naction_ref: local\nformats: []\n",
      "aliases/k.yaml": "name: k\naction_ref: pack.gg\nformats: [gg]\n",
    });
    const pack = await loadPack(folder);
    const told = everything(pack);
    expect(told).toMatchInlineSnapshot(`
      [
        "actions/a.yaml:2:1 There is no field runner_typ. | Did you mean runner_type?",
        "actions/a.yaml:4:10 enabled is "perhaps". | Expected true or false.",
        "actions/a.yaml:7:11 parameters.host.type is "strin". | Expected one of string, integer, number, boolean, object, array, null, or a list.",
        "actions/a.yaml:9:3 "bad name" can't be a name in parameters. | Letters, digits and _ only.",
        "actions/b.yaml:3:14 entry_point "../../etc/passwd" leads out of the pack. | It is a path within actions/.",
        "actions/d.yaml:2:14 There is no kind of action nonsense. | Kinds there are: typescript, local-shell-cmd, local-shell-script, announcement, post, post-result, format-result, orquesta, action-chain, inquirer, fire.",
        "actions/e.yaml:1:7 There is already an action d, in actions/d.yaml. | Give one of the two another name.",
        "actions/h.yaml:1:1 actions/h.yaml is ["a","list"]; expected fields (name: value).",
        "actions/i.yaml:3:1 Missing closing 'quote.",
        "actions/j.yaml:3:73 requierd says nothing about a parameter. | Did you mean required?",
        "aliases/a.yaml:7:5 There is no field matchmultiple in formats.1. | Did you mean match_multiple?",
        "aliases/c.yaml:2:13 action_ref is "local". | Write it as PACK.ACTION.",
        "aliases/c.yaml:3:10 formats is []. | Expected at least 1.",
        "pack.yaml:1:1 version is missing. | Expected text, or a number.",
        "pack.yaml:2:14 description is 5. | Expected text.",
        "warning: actions/c.yaml:3:14 There is no file actions/run.ssh, so nothing can run it. | Did you mean run.sh?",
        "warning: actions/f.yaml:5:20 {{ message | upper }}: message is no parameter of pack.f. | There are: cmd.",
        "warning: actions/g.yaml:2:14 entry_point is missing, so nothing can run it. | An action of the kind local-shell-script names its script in actions/.",
        "warning: actions/k.yaml:8:12 {{ message }} can't stand in $(…). | Put it where a whole word of the command stands: it is quoted there.",
        "warning: actions/l.yaml:6:20 {{ mesage }}: mesage is no parameter of pack.l. | Did you mean message?",
        "warning: aliases/a.yaml:4:23 mesage is no parameter of pack.j. | Did you mean message?",
        "warning: aliases/a.yaml:6:37 cmf is no parameter of pack.j. | Did you mean cmd?",
        "warning: aliases/a.yaml:9:8 cnd is no parameter of pack.j. | Did you mean cmd?",
        "warning: aliases/a.yaml:11:12 {% if x %} shows nothing: There is no x to be shown. | There are: actionalias, asker, execution, result.",
        "warning: aliases/b.yaml:2:13 There is no action pack.dd in this pack. | Did you mean pack.d?",
        "warning: aliases/b.yaml:3:11 "b" fits "b", and "{{ cmd }}" of pack.a as well. | Here pack.b answers, since it is more specific; StackStorm refuses such a command.",
        "warning: aliases/d.yaml:4:5 "ok zq1" fits "ok {{ cmd }}", and "{{ cmd }}" of pack.a as well. | Here pack.d answers, since it is more specific; StackStorm refuses such a command.",
        "warning: aliases/d.yaml:5:5 The format "run ({{ cmd }}" can't be used: it is no valid regular expression (missing closing )).",
        "warning: aliases/d.yaml:6:5 The format "cast {{ cmd }} {{ cmd }}" can't be used: cmd stands in it twice.",
        "warning: aliases/k.yaml:2:13 There is no action pack.gg in this pack. | Did you mean pack.g?",
        "warning: aliases/k.yaml:3:11 "gg" fits "gg", and "{{ cmd }}" of pack.a as well. | Here pack.k answers, since it is more specific; StackStorm refuses such a command.",
      ]
    `);
  });

  test("need not have a pack.yaml to be told about the rest", async () => {
    const pack = await loadPack(await writePack({ "actions/a.yaml": "name: a\n" }));
    expect(pack).toMatchObject({
      kind: "faulty",
      problems: [
        { file: "actions/a.yaml", line: 1, column: 1, message: "runner_type is missing." },
        { file: "pack.yaml", message: "There is no pack.yaml." },
      ],
    });
    expect(await loadPack("/nowhere/at/all")).toMatchObject({ kind: "faulty" });
  });

  test("has to look like one: of another folder this alone is told, and nothing is read", async () => {
    const folder = await writePack({ "notes.txt": "" });
    await symlink("/", join(folder, "out"));
    expect(await loadPack(folder)).toMatchObject({
      kind: "faulty",
      problems: [{ file: "", message: "This is no pack: it has neither pack.yaml nor actions nor aliases." }],
    });
  });
});

describe("a faulty pack in TypeScript", () => {
  test("is told everything at once, with file, line and column", async () => {
    const folder = await writePack({
      "pack.yaml": packYaml,
      "actions/dates.ts": `import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Dates",
  input: {
    when: z.date(),
    where: z.string(),
  },
  output: z.object({ at: z.date() }),
  timeout: -1,
  run: () => ({ at: new Date() }),
});
`,
      "actions/imports.ts": `import { defineAction } from "@bellhop/sdk";
import lodash from "lodash";
import type { Anything } from "some-types";
import { helper } from "./hlper.ts";
import { secret } from "../../elsewhere/secret.ts";
export default defineAction({ description: "x", run: () => lodash(helper, secret) as Anything });
`,
      "actions/broken.ts": `import { defineAction } from "@bellhop/sdk";
export default defineAction({ description: "x", run: () => { );
`,
      "actions/throws.ts": `import { defineAction } from "@bellhop/sdk";

interface Config { readonly url: string }
function read(): Config {
  throw new Error("no config here");
}
export default defineAction({ description: read().url, run: () => 1 });
`,
      "actions/nothing.ts": "export const x = 1;\n",
      "actions/missing.ts": `import { defineAction } from "@bellhop/sdk";
import { nothingLikeIt } from "../lib/shared.ts";
export default defineAction({ description: "x", run: nothingLikeIt });
`,
      "lib/shared.ts": "export const shared = 1;\n",
      "actions/fine.ts": `import { defineAction, z } from "@bellhop/sdk";
export default defineAction({ description: "x", input: { name: z.string() }, run: () => 1 });
`,
      "aliases/slip.ts": `import { defineAlias } from "@bellhop/sdk";
import fine from "../actions/fine.ts";

export default defineAlias({
  action: fine,
  formats: ["fine {{ name }}", "fine {{ nam }}"] as never,
  reply: "{{ result | upper }}",
});
`,
      "aliases/foreign.ts": `import { defineAction, defineAlias } from "@bellhop/sdk";
const own = defineAction({ description: "x", run: () => 1 });
export default defineAlias({ action: own, formats: ["x"] });
`,
      "aliases/ref.ts": `import { defineAlias } from "@bellhop/sdk";
export default defineAlias({ action: "deploy.fin", formats: ["y"] });
`,
    });
    const pack = await loadPack(folder);
    const told = everything(pack);
    expect(told).toMatchInlineSnapshot(`
      [
        "actions/broken.ts:2:62 This is no TypeScript: Declaration or statement expected.",
        "actions/dates.ts:6:5 The input when can't be written as JSON Schema: Date cannot be represented in JSON Schema. | Inputs and outputs travel as JSON: texts, numbers, booleans, lists, records and objects of these. Dates and the like are texts; transform and check by function in run.",
        "actions/dates.ts:9:3 The output can't be written as JSON Schema: Date cannot be represented in JSON Schema. | Inputs and outputs travel as JSON: texts, numbers, booleans, lists, records and objects of these. Dates and the like are texts; transform and check by function in run.",
        "actions/dates.ts:10:3 timeout is -1. | Expected seconds, more than 0.",
        "actions/imports.ts:2:20 "lodash" is not among the dependencies of this pack. | Add it to dependencies in package.json.",
        "actions/imports.ts:4:24 There is no file "./hlper.ts" beside actions/imports.ts. | Tests and files whose name starts with a dot do not travel.",
        "actions/imports.ts:5:24 "../../elsewhere/secret.ts" leads out of the pack. | Only what lies in the pack's folder travels with it.",
        "actions/missing.ts:2:10 "../lib/shared.ts" exports no nothingLikeIt.",
        "actions/nothing.ts:1:1 actions/nothing.ts exports no action as default. | Write \`export default defineAction({ … })\`. Code that several files share belongs beside the folder, e.g. in lib/.",
        "actions/throws.ts:5:9 It broke while it was read: no config here | Files of definitions only define; work belongs into run.",
        "aliases/foreign.ts:3:30 The action of this alias is none of this pack. | Import it from its file in actions/, or name any action by its ref: "pack.name".",
        "warning: aliases/ref.ts:2:39 There is no action deploy.fin in this pack. | Did you mean deploy.fine?",
        "warning: aliases/slip.ts:6:38 nam is no parameter of deploy.fine. | Did you mean name?",
      ]
    `);
  });

  test("is one action twice when YAML says it too", async () => {
    const folder = await writePack({ ...good, "actions/other.yaml": "name: deploy\nrunner_type: local-shell-cmd\n" });
    expect(await loadPack(folder)).toMatchObject({
      kind: "faulty",
      problems: [{ file: "actions/deploy.ts", line: 4, column: 16, message: "There is already an action deploy, in actions/other.yaml." }],
    });
  });
});
