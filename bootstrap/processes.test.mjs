import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startTime, upToNpm } from "./ancestors.mjs";
import { runTethered } from "./install.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const linux = { skip: process.platform === "linux" ? false : "needs /proc" };
const folder = mkdtempSync(join(tmpdir(), "bellhop-tree-"));
after(() => rmSync(folder, { recursive: true, force: true }));

// The child does what a service does with its lifeline; the grandchild stands for what it starts.
writeFileSync(
  join(folder, "service.mjs"),
  `import { Socket } from "node:net";
   new Socket({ fd: Number(process.env.BELLHOP_LIFELINE_FD), readable: true, writable: false }).on("close", () => process.exit(9)).resume().unref();
   process.on("SIGTERM", () => { console.log("term"); process.exit(0); });
   let interrupts = 0;
   process.on("SIGINT", () => { interrupts += 1; setTimeout(() => { console.log("interrupts " + interrupts); process.exit(130); }, 200); });
   console.log("service " + process.pid);
   setInterval(() => {}, 1000);`,
);
writeFileSync(
  join(folder, "parent.mjs"),
  `import { watchAncestors } from ${JSON.stringify(join(here, "ancestors.mjs"))};
   import { runNode } from ${JSON.stringify(join(here, "run-node.mjs"))};
   const ancestors = watchAncestors({ gone: () => process.exit(1) });
   console.log("parent " + process.pid);
   process.exit(await runNode({ node: process.execPath, env: process.env, cwd: ${JSON.stringify(folder)}, script: ["service.mjs"], ancestors }));`,
);
writeFileSync(
  join(folder, "tethered.mjs"),
  `import { runTethered } from ${JSON.stringify(join(here, "install.mjs"))};
   console.log("parent " + process.pid);
   await runTethered({ command: ["sh", "-c", "sleep 600 & echo $!; wait"], cwd: ".", env: process.env, line: (line) => console.log("sleep " + line) });`,
);
writeFileSync(
  join(folder, "package.json"),
  JSON.stringify({ name: "tree", scripts: { start: `node parent.mjs`, hello: "echo reply", fail: "echo reply; exit 3" } }),
);
cpSync(join(here, "../.npmrc"), join(folder, ".npmrc"));

/** Starts a command and collects the pids it names ("parent 12") until all of `names` are there. */
async function tree(command, names) {
  const child = spawn(command[0], command.slice(1), { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const pids = { root: child.pid };
  const lines = [];
  const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal, lines })));
  await new Promise((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      lines.push(line);
      const [name, pid] = line.split(" ");
      pids[name] = Number(pid);
      if (names.every((one) => pids[one])) resolve();
    });
    child.once("error", reject);
  });
  return { pids, ended };
}

/** Resolves when the process is over, rejects after `ms`: it takes half a second to be noticed, and longer where the machine has other work. */
async function isOver(pid, ms = 30_000) {
  const end = Date.now() + ms;
  while (startTime(pid) !== undefined) {
    if (Date.now() > end) {
      process.kill(pid, "SIGKILL");
      throw new Error(`${pid} still runs after ${ms} ms`);
    }
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

test("killing npm with -9 ends everything below it", linux, async () => {
  const { pids } = await tree(["npm", "start"], ["parent", "service"]);
  process.kill(pids.root, "SIGKILL");
  await Promise.all([isOver(pids.parent), isOver(pids.service)]);
});

test("killing the process in the middle with -9 ends the child through its lifeline", linux, async () => {
  const { pids, ended } = await tree([process.execPath, "parent.mjs"], ["parent", "service"]);
  process.kill(pids.parent, "SIGKILL");
  await isOver(pids.service);
  assert.equal((await ended).signal, "SIGKILL");
});

test("a child that is killed gives 128 and its signal's number", linux, async () => {
  const { pids, ended } = await tree([process.execPath, "parent.mjs"], ["service"]);
  process.kill(pids.service, "SIGKILL");
  assert.equal((await ended).code, 137);
});

test("SIGTERM reaches the child, and its exit code comes back through npm", linux, async () => {
  const { pids, ended } = await tree(["npm", "start"], ["parent", "service"]);
  process.kill(pids.parent, "SIGTERM");
  const { code, lines } = await ended;
  assert.equal(code, 0);
  assert.equal(lines.at(-1), "term");
});

test("Ctrl-C in a terminal reaches the child once", linux, async (t) => {
  // script(1) gives the tree a terminal of its own; the byte 3 is Ctrl-C to it.
  const child = spawn("script", ["-qec", "npm start", "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const started = await new Promise((resolve) => child.once("error", () => resolve(false)).once("spawn", () => resolve(true)));
  if (!started) return t.skip("needs script(1)");
  let output = "";
  await new Promise((resolve) => child.stdout.setEncoding("utf8").on("data", (text) => (output += text).includes("service") && resolve()));
  child.stdin.write("\x03");
  await new Promise((resolve) => child.once("close", resolve));
  assert.match(output, /interrupts 1\b/);
});

test("what a set-up has started is gone when the set-up is killed", linux, async () => {
  const { pids } = await tree([process.execPath, "tethered.mjs"], ["parent", "sleep"]);
  process.kill(pids.parent, "SIGKILL");
  await isOver(pids.sleep);
});

test("a tethered command's code and output come back", async () => {
  const { code, output } = await runTethered({ command: ["sh", "-c", "echo out; echo err >&2; exit 5"], cwd: folder, env: process.env });
  assert.equal(code, 5);
  assert.match(output, /out\n/);
  assert.match(output, /err\n/);
});

test("npm adds nothing to standard output, whether the script succeeds or fails", async () => {
  const run = (script) =>
    new Promise((resolve) =>
      execFile("npm", ["run", script], { cwd: folder }, (error, stdout) => resolve({ code: error?.code ?? 0, stdout })),
    );
  assert.deepEqual(await run("hello"), { code: 0, stdout: "reply\n" });
  assert.deepEqual(await run("fail"), { code: 3, stdout: "reply\n" });
});

test("ancestors are watched up to the nearest npm and not beyond", () => {
  const table = {
    50: { parent: 40, start: "5", command: "node\0bootstrap/main.mjs\0start\0" },
    40: { parent: 30, start: "4", command: "sh\0-c\0node bootstrap/main.mjs start\0" },
    30: { parent: 20, start: "3", command: "npm start\0\0\0" },
    20: { parent: 1, start: "2", command: "bash\0" },
  };
  const read = (pid) => table[pid];
  assert.deepEqual(upToNpm(50, { read }), [
    { pid: 40, start: "4" },
    { pid: 30, start: "3" },
  ]);
  table[30].command = "/usr/bin/node\0/usr/lib/node_modules/npm/bin/npm-cli.js\0start\0";
  assert.equal(upToNpm(50, { read }).length, 2);
  table[30].command = "bash\0";
  assert.deepEqual(upToNpm(50, { read }), []);
});
