import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { buckets, streams, subjects, type Subject } from "@bellhop/contracts";
import type { Capabilities } from "@bellhop/gateway";
import { crashPoints, metrics } from "@bellhop/service";
import { expect, test } from "vitest";
import { files, root, rooms } from "./workspace.ts";

const gateways = readdirSync(join(root, "apps"))
  .filter((name) => name.startsWith("gateway-"))
  .map((name) => ({ platform: name.slice("gateway-".length), folder: `apps/${name}` }));

test("every subject, stream, bucket and crash point is documented in docs/wire.md and docs/delivery.md", () => {
  const wire = readFileSync(join(root, "docs/wire.md"), "utf8");
  const delivery = readFileSync(join(root, "docs/delivery.md"), "utf8");
  for (const { template } of allSubjects(subjects)) expect(wire).toContain(`\`${template}\``);
  for (const { name } of [...Object.values(streams), ...Object.values(buckets)]) expect(wire).toContain(`\`${name}\``);
  for (const name of Object.keys(crashPoints)) expect(delivery).toContain(`\`${name}\``);
});

test("docs/observability.md has every metric, with its kind, labels and meaning, and names no other", () => {
  const page = readFileSync(join(root, "docs/observability.md"), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (counter|gauge|histogram) +\| (.*?) +\| (.*?) +\|$/gm)];
  const table = rows.map(([, name = "", kind, labels = "", help]) => [
    name,
    { kind, labels: [...labels.matchAll(/`(\w+)`/g)].map((one) => one[1]), help },
  ]);
  const declared = Object.entries(metrics).map(([name, { kind, labels, help }]) => [name, { kind, labels: [...labels], help }]);
  expect(Object.fromEntries(table)).toEqual(Object.fromEntries(declared));
  expect(table).toHaveLength(declared.length);
  const mentioned = page.match(/\bbellhop_\w+|\b(?:process|nodejs)_\w+/g) ?? [];
  for (const name of mentioned) expect(Object.keys(metrics)).toContain(name.replace(/_(?:bucket|count|sum)$/, ""));
});

test.each(gateways)("docs/platforms says of $platform what its adapter declares", async ({ platform, folder }) => {
  const { capabilities } = (await import(join(root, folder, "src/index.ts"))) as { capabilities: Capabilities };
  const page = readFileSync(join(root, "docs/platforms", `${platform}.md`), "utf8");
  const table = [...page.matchAll(/^\| `(\w+)` +\| (native|emulated|none) +\|/gm)].map(([, name, level]) => [name, level]);
  expect(Object.fromEntries(table)).toEqual(capabilities);
  expect(table).toHaveLength(Object.keys(capabilities).length);
});

test.each(gateways)("the gateway of $platform has the files that all have, by the same names", ({ folder }) => {
  const sources = readdirSync(join(root, folder, "src"));
  expect(sources).toEqual(expect.arrayContaining(["config.ts", "connection.ts", "receive.ts", "send.ts", "start.ts"]));
});

test("every room has a README that fits a page", () => {
  for (const { folder } of rooms()) {
    const lines = readFileSync(join(root, folder, "README.md"), "utf8").split("\n").length;
    expect(lines, folder).toBeLessThan(100);
  }
});

test("the TypeScript in the documents type-checks", async () => {
  const drafts: string[] = [];
  const readmes = ["packages", "packs", "apps"].flatMap((area) => files(area, "README.md"));
  for (const file of [...readmes, ...files("docs", ".md")]) {
    const text = readFileSync(join(root, file), "utf8");
    // What stands in no package is checked where all of them can be imported.
    const folder = join(root, file.startsWith("docs/") ? "test" : dirname(file), ".turbo");
    for (const [index, block] of [...text.matchAll(/^```ts\n([^]*?)^```/gm)].entries()) {
      const draft = join(folder, `${basename(file, ".md")}-${index}.ts`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(draft, `${block[1] ?? ""}\nexport {};\n`);
      drafts.push(draft);
    }
  }
  try {
    const options = JSON.parse(readFileSync(join(root, "tsconfig.base.json"), "utf8").replace(/^\s*\/\/.*$/gm, "")) as {
      compilerOptions: object;
    };
    const project = join(root, "test", ".turbo", "documents.tsconfig.json");
    mkdirSync(dirname(project), { recursive: true });
    drafts.push(project);
    // A block shows a fragment: what it leaves unused is not a fault.
    const compilerOptions = { ...options.compilerOptions, noUnusedLocals: false, noUnusedParameters: false };
    writeFileSync(project, JSON.stringify({ compilerOptions, files: drafts.filter((draft) => draft.endsWith(".ts")) }));
    const tsc = spawn(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project]);
    let said = "";
    for (const stream of [tsc.stdout, tsc.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = (await once(tsc, "close")) as [number | null];
    expect([code, said]).toEqual([0, ""]);
  } finally {
    for (const draft of drafts) rmSync(draft, { force: true });
  }
  // It reads nearly all there is, on all cores, while other packages' checks may have them.
}, 300_000);

test("relative links in the documents lead somewhere", () => {
  const documents = [
    ...files("docs", ".md"),
    ...files("packages", ".md"),
    ...files("apps", ".md"),
    ...files("packs", ".md"),
    "README.md",
    "CONTRIBUTING.md",
  ];
  for (const file of documents) {
    const text = readFileSync(join(root, file), "utf8").replace(/^```[^]*?^```/gm, "");
    for (const [, target = ""] of text.matchAll(/\]\((?!\w+:|#)([^)#]+)/g)) {
      expect(() => readFileSync(join(root, dirname(file), target)), `${file} -> ${target}`).not.toThrow(/ENOENT/);
    }
  }
});

test("no document is an island: docs/README.md leads to each of them", () => {
  const index = readFileSync(join(root, "docs/README.md"), "utf8");
  const pages = files("docs", ".md").map((file) => file.slice("docs/".length));
  for (const page of pages.filter((page) => page !== "README.md" && !page.startsWith("decisions/0"))) expect(index).toContain(`](${page})`);
});

test("docs/decisions/README.md has each decision once, by the title that its page has", () => {
  const pages = readdirSync(join(root, "docs/decisions")).filter((name) => name !== "README.md");
  const lines = pages.map((name) => {
    const [heading = ""] = readFileSync(join(root, "docs/decisions", name), "utf8").split("\n");
    return `- [${name.slice(0, 4)}](${name}) ${heading.replace(`# ${name.slice(0, 4)} `, "")}`;
  });
  const index = readFileSync(join(root, "docs/decisions/README.md"), "utf8");
  expect(
    index
      .split("\n")
      .filter((line) => line.startsWith("- "))
      .sort(),
  ).toEqual(lines.sort());
});

function allSubjects(tree: object): Subject<unknown>[] {
  return Object.values(tree).flatMap((node: object) => ("template" in node ? [node as Subject<unknown>] : allSubjects(node)));
}
