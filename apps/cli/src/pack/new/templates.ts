import { join, relative } from "node:path";
import manifest from "../../../package.json" with { type: "json" };

export type Spelling = "typescript" | "yaml";

export interface PackPlan {
  readonly name: string;
  readonly description: string;
  readonly spelling: Spelling;
  /** The workspace that it becomes a package of; absent: it stands alone, on what is published. */
  readonly workspace?: { readonly root: string; readonly folder: string };
}

export type Files = Record<string, { text: string; executable?: boolean }>;

/** A pack's first files, by path. */
export function packTemplate(plan: PackPlan): Files {
  return { ...shared(plan), ...(plan.spelling === "typescript" ? inTypeScript(plan) : inYaml(plan)) };
}

function shared(plan: PackPlan): Files {
  const { name, description } = plan;
  return {
    "package.json": { text: packageJson(plan) },
    "pack.yaml": {
      text: lines(schemaLine("pack", "."), `name: ${name}`, `description: ${quoted(description)}`, "keywords: []"),
    },
    "README.md": {
      text: lines(
        `# ${name}`,
        "",
        `${description}.`.replace(/([.!?])\.$/, "$1"),
        "",
        "```text",
        `you> ${name} hello`,
        "bot> Hello, world!",
        `you> ${name} hello ana`,
        "bot> Hello, ana!",
        "```",
        "",
        `- \`${name}.hello\` greets whoever is named: \`${name} hello [WHO]\`.`,
        "",
        "The test plays what stands above: `bellhop pack test` compares it with what is really said, `bellhop pack test --update` writes that here.",
      ),
    },
  };
}

function inTypeScript(plan: PackPlan): Files {
  const { name } = plan;
  return {
    "tsconfig.json": { text: tsconfig(plan) },
    "actions/hello.ts": {
      text: lines(
        'import { defineAction, z } from "@bellhop/sdk";',
        "",
        "export default defineAction({",
        '  description: "Greet somebody",',
        '  input: { who: z.string().default("world").describe("Whom to greet.") },',
        "  output: z.object({ greeting: z.string() }),",
        "  // Should its runner be lost, it may be done again.",
        "  repeatable: true,",
        "  run: ({ input }) => ({ greeting: `Hello, ${input.who}!` }),",
        "});",
      ),
    },
    "aliases/hello.ts": {
      text: lines(
        'import { defineAlias } from "@bellhop/sdk";',
        'import hello from "../actions/hello.ts";',
        "",
        "export default defineAlias({",
        "  action: hello,",
        '  description: "Greet somebody, or the world",',
        `  formats: ["${name} hello {{ who = world }}"],`,
        '  reply: "{{ result.greeting }}",',
        "});",
      ),
    },
    "pack.test.ts": {
      text: lines(
        ...(plan.workspace === undefined ? ['import assert from "node:assert/strict";', 'import { test } from "node:test";'] : []),
        'import { openChat, runAction } from "@bellhop/sdk/testing";',
        ...(plan.workspace === undefined ? [] : ['import { expect, test } from "vitest";']),
        'import hello from "./actions/hello.ts";',
        "",
        'test("hello greets whoever is named", async () => {',
        plan.workspace === undefined
          ? '  assert.deepEqual(await runAction(hello, { who: "ana" }), { greeting: "Hello, ana!" });'
          : '  expect(await runAction(hello, { who: "ana" })).toEqual({ greeting: "Hello, ana!" });',
        "});",
        "",
        ...transcriptTest,
      ),
    },
  };
}

function inYaml(plan: PackPlan): Files {
  const { name } = plan;
  return {
    "actions/hello.yaml": {
      text: lines(
        schemaLine("action", ".."),
        "name: hello",
        "description: Greet somebody",
        "runner_type: local-shell-script",
        "entry_point: hello.sh",
        "parameters:",
        "  who:",
        "    type: string",
        "    description: Whom to greet.",
        "    default: world",
        "    position: 0",
      ),
    },
    "actions/hello.sh": {
      text: lines(
        "#!/bin/sh",
        "# Any language will do: the first line says which. What is printed is the result.",
        "printf 'Hello, %s!\\n' \"$1\"",
      ),
      executable: true,
    },
    "aliases/hello.yaml": {
      text: lines(
        schemaLine("alias", ".."),
        "name: hello",
        `action_ref: ${name}.hello`,
        "description: Greet somebody, or the world",
        "formats:",
        `  - "${name} hello {{ who = world }}"`,
        "result:",
        '  format: "{{ execution.result.stdout }}"',
      ),
    },
    "pack.test.mjs": {
      text: lines(
        ...(plan.workspace === undefined ? ['import { test } from "node:test";'] : []),
        'import { openChat } from "@bellhop/sdk/testing";',
        ...(plan.workspace === undefined ? [] : ['import { test } from "vitest";']),
        "",
        ...transcriptTest,
      ),
    },
  };
}

const transcriptTest = [
  'test("people are answered as the README shows it", async () => {',
  "  const chat = await openChat({ pack: import.meta.dirname });",
  '  await chat.expectTranscript("README.md");',
  "});",
];

function packageJson({ name, description, spelling, workspace }: PackPlan): string {
  const typescript = spelling === "typescript";
  const published = `^${manifest.version}`;
  const test = workspace === undefined ? "node --test" : "vitest run --testTimeout=30000 --hookTimeout=30000";
  const check = { check: "tsc -p .", lint: "oxlint --type-aware --max-warnings 0 ." };
  const sdk = { "@bellhop/sdk": workspace === undefined ? published : "workspace:^" };
  const tools =
    workspace === undefined
      ? { "@bellhop/pack-loader": published, ...(typescript ? { "@types/node": `^${process.versions.node.split(".")[0]}` } : {}) }
      : { "@bellhop/pack-loader": "workspace:*", "@types/node": "catalog:", vitest: "catalog:" };
  const whole = {
    name: workspace === undefined ? `bellhop-pack-${name}` : `@bellhop/pack-${name}`,
    version: "0.1.0",
    description,
    keywords: ["bellhop", "bellhop-pack", "chatops"],
    ...(workspace === undefined ? {} : { license: "Apache-2.0" }),
    files: ["pack.yaml", "config.*", "actions", "aliases", "lib"],
    type: "module",
    exports: { "./package.json": "./package.json", "./pack.yaml": "./pack.yaml" },
    scripts: { ...(workspace !== undefined && typescript ? check : {}), test },
    // A script needs nothing of it to run; its test does.
    ...(typescript || workspace !== undefined ? { dependencies: sdk } : {}),
    devDependencies: typescript || workspace !== undefined ? tools : { ...tools, ...sdk },
  };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

function tsconfig({ workspace }: PackPlan): string {
  const include = '  "include": ["actions", "aliases", "*.ts"]';
  if (workspace !== undefined) {
    const base = relative(workspace.folder, join(workspace.root, "tsconfig.base.json"));
    return lines("{", `  "extends": ${JSON.stringify(base)},`, include, "}");
  }
  return lines(
    "{",
    '  "compilerOptions": {',
    '    "target": "es2024",',
    '    "lib": ["es2024"],',
    '    "module": "nodenext",',
    '    "types": ["node"],',
    '    "noEmit": true,',
    '    "strict": true,',
    '    "noUncheckedIndexedAccess": true,',
    '    "erasableSyntaxOnly": true,',
    '    "verbatimModuleSyntax": true,',
    '    "allowImportingTsExtensions": true,',
    '    "skipLibCheck": true',
    "  },",
    include,
    "}",
  );
}

/** What editors complete and check the file with, once the pack's packages are installed. */
function schemaLine(schema: string, up: string): string {
  return `# yaml-language-server: $schema=${up}/node_modules/@bellhop/sdk/schemas/${schema}.json`;
}

/** A text as YAML may have it whatever is in it: JSON is YAML. */
function quoted(text: string): string {
  return /^[A-Za-z][\w ,.'()/-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text);
}

function lines(...all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
