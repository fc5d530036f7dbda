import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { loadPack } from "./load-pack.ts";
import { emptyFolder, writePack } from "./testing/write-pack.ts";

// Each fresh child loads a compiler, which takes its time where other suites run too.
vi.setConfig({ testTimeout: 60_000 });

const packYaml = "name: odd\nversion: 1.0.0\ndescription: x\nauthor: x\n";
const action = (before: string, description = '"x"') => `import { defineAction } from "@bellhop/sdk";
${before}
export default defineAction({ description: ${description}, run: () => 1 });
`;
const pack = (text: string) => writePack({ "pack.yaml": packYaml, "actions/a.ts": action(""), "actions/odd.ts": text });
const fine = () => writePack({ "pack.yaml": packYaml.replace("odd", "fine"), "actions/fine.ts": action("") });

describe("a pack whose definitions misbehave is faulty, and takes no other pack with it", () => {
  test.each([
    ["spins", action("for (;;);")],
    ["waits for ever", action("await new Promise(() => {});")],
  ])("when it %s", async (_, text) => {
    // The other one is given the time that a loaded machine may need, and so is the file that is read before.
    const [odd, good] = await Promise.all([loadPack(await pack(text), { timeLimitMs: 3_000 }), loadPack(await fine())]);
    expect(odd).toMatchObject({
      kind: "faulty",
      problems: [{ file: "actions/odd.ts", line: 1, column: 1, message: "actions/odd.ts took longer than 3 s to define what it defines." }],
    });
    expect(good).toMatchObject({ kind: "loaded" });
  });

  test("when it ends the process", async () => {
    const folders = [await pack(action("process.stderr.write('bye\\n'); process.exit(3);")), await fine()];
    const [odd, good] = await Promise.all(folders.map((folder) => loadPack(folder)));
    expect(odd).toMatchObject({
      kind: "faulty",
      problems: [{ file: "actions/odd.ts", message: "actions/odd.ts ended the process with exit code 3 while it was read." }],
    });
    expect(good).toMatchObject({ kind: "loaded" });
  });

  test("when it fills the memory", async () => {
    const odd = await loadPack(await pack(action("const all: unknown[] = []; for (;;) all.push(new Array(1e5).fill({}));")), {
      memoryMb: 160,
    });
    expect(odd).toMatchObject({
      kind: "faulty",
      problems: [{ file: "actions/odd.ts", message: expect.stringContaining("needed more than 160 MB") }],
    });
  });

  test("when it breaks later, in another pack's time", async () => {
    const folders = [await pack(action("setTimeout(() => process.exit(4), 1);")), await fine()];
    const [, good] = await Promise.all(folders.map((folder) => loadPack(folder)));
    expect(good).toMatchObject({ kind: "loaded" });
  });
});

test.runIf(process.platform === "linux")("a pack that spins does not outlive whoever was reading it", async () => {
  const sign = join(await emptyFolder(), "spinning");
  const folder = await pack(action(`(await import("node:fs")).writeFileSync(${JSON.stringify(sign)}, String(process.pid));\nfor (;;);`));
  const reader = spawn(process.execPath, [
    "--no-warnings",
    "-e",
    `import(${JSON.stringify(new URL("./load-pack.ts", import.meta.url).href)}).then(({ loadPack }) => loadPack(${JSON.stringify(folder)}))`,
  ]);
  while (!existsSync(sign)) await pause(20);
  const spinning = await readFile(sign, "utf8");
  reader.kill("SIGKILL");
  const killed = Date.now();
  while (existsSync(`/proc/${spinning}`)) await pause(20);
  expect(Date.now() - killed).toBeLessThan(10_000);
});

test("definitions see nothing of our environment", async () => {
  process.env["SLACK_BOT_TOKEN"] = "xoxb-not-for-packs";
  try {
    const read = await loadPack(await pack(action("", "Object.keys(process.env).join()")));
    const description = read.kind === "loaded" ? read.version.actions.find((one) => one.name === "odd")?.description : "";
    expect(description?.split(",").filter((name) => name !== "" && !name.startsWith("NODE_CHANNEL"))).toEqual([]);
    expect(JSON.stringify(read)).not.toContain("xoxb-not-for-packs");
  } finally {
    delete process.env["SLACK_BOT_TOKEN"];
  }
});

test("a pack that changed is read anew, although the child that read it before is still warm", async () => {
  const folder = await pack(action("", '"before"'));
  expect(await loadPack(folder)).toMatchObject({ version: { actions: [{}, { description: "before" }] } });
  await writePack({ "actions/odd.ts": action("", '"after"') }, folder);
  expect(await loadPack(folder)).toMatchObject({ version: { actions: [{}, { description: "after" }] } });
});
