import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startTime } from "./ancestors.mjs";
import { startProgress } from "./progress.mjs";
import { digest, isCurrent, listPackages, readStamp, writeStamp } from "./stamp.mjs";

/** The first Node that runs TypeScript sources by itself without a flag. */
const OLDEST_SYSTEM_NODE = [22, 18];

/** Said as it is: what was tried, and what the reader can do. */
export class SetUpFailed extends Error {}

/** Makes node_modules what the lockfile says and picks the Node to run on. Does nothing, asks nobody and takes milliseconds when all is there.
 *  Gives {node, env}: the Node's path and the environment for everything that is started from here. */
export async function setUp({ root, env }) {
  const inner = innerEnvironment({ env, root });
  if (!current(root)) await withLock(root, () => (current(root) ? undefined : install({ root, env: inner })));
  return { node: pickNode({ root, stamp: readStamp(root) }), env: inner };
}

function current(root) {
  return isCurrent({ root, stamp: readStamp(root), packages: listPackages(root) });
}

async function install({ root, env }) {
  const pinned = pinnedPnpm(root);
  const args = ["install", "--frozen-lockfile", "--reporter=append-only", "--config.confirmModulesPurge=false"];
  const own = join(root, "node_modules/.bin/pnpm");
  const attempts = [
    ...(versionOf(own, env) === pinned ? [[own, ...args]] : []),
    // Of its own, npx prints at this level only the errors that .npmrc hides. By default it would wait over a minute for a network that is not there.
    ["npx", "--loglevel=error", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000", "-y", `pnpm@${pinned}`, ...args],
  ];
  const progress = startProgress({ text: `installing packages with pnpm ${pinned} (once; under a minute on most machines)` });
  const tried = [];
  for (const command of attempts) {
    const { code, output } = await runTethered({ command, cwd: root, env, line: progress.detail });
    if (code === 0) {
      const bundledNode = versionOf(bundledPath(root), env) !== undefined;
      writeStamp(root, { digest: digest({ root, packages: listPackages(root) }), bundledNode });
      progress.done("packages installed");
      return;
    }
    tried.push(`  ${command.join(" ").replace(`${root}/`, "")}\n    ended with ${code}; its last words:\n${indent(tail(output))}`);
  }
  progress.failed();
  throw new SetUpFailed(
    [
      "the packages could not be installed. Tried:",
      ...tried,
      "To do: see that this machine reaches its npm registry (`npm ping`; behind a proxy, `npm config set proxy` and `https-proxy`),",
      "that the disk has a gigabyte free, and start again: what was fetched so far is kept.",
    ].join("\n"),
  );
}

/** The Node that everything runs on: the one among the packages, else the machine's own if it is new enough. */
export function pickNode({ root, stamp, version = process.versions.node, execPath = process.execPath }) {
  const bundled = bundledPath(root);
  if (stamp?.bundledNode && existsSync(bundled)) return bundled;
  const [major, minor] = version.split(".").map(Number);
  if (major > OLDEST_SYSTEM_NODE[0] || (major === OLDEST_SYSTEM_NODE[0] && minor >= OLDEST_SYSTEM_NODE[1])) return execPath;
  throw new SetUpFailed(
    [
      `no Node to run on. Tried: the package node-${process.platform}-${process.arch} (none for this machine, or it does not run here),`,
      `then the machine's own Node, which is ${version}. To do: install Node ${OLDEST_SYSTEM_NODE.join(".")} or later, and start again.`,
    ].join("\n"),
  );
}

/** The outer npm tells its children about itself in npm_*; an inner npm or pnpm would take that for its own settings.
 *  What says where packages come from was set by a person, and stays. */
export function innerEnvironment({ env, root }) {
  const kept = /^npm_config_(registry|cafile|ca|proxy|https_proxy|strict_ssl)$/i;
  const entries = Object.entries(env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name));
  const inner = Object.fromEntries(entries);
  // npm also puts its own folders before the person's PATH, where a shell action would find our tools in place of the machine's.
  const added = (part) =>
    part.endsWith("/node-gyp-bin") ||
    (part.endsWith("/node_modules/.bin") && `${root}/`.startsWith(part.slice(0, -"node_modules/.bin".length)));
  inner.PATH = (env.PATH ?? "")
    .split(delimiter)
    .filter((part) => !added(part))
    .join(delimiter);
  inner.TURBO_TELEMETRY_DISABLED = "1";
  inner.DO_NOT_TRACK = "1";
  inner.NODE_COMPILE_CACHE ??= join(root, "node_modules/.cache/node-compile");
  return inner;
}

/** Runs a command without input in a process group that ends with this process, however this process ends: a shell at the other end of a pipe
 *  kills the group when the pipe closes. Resolves {code, output}. */
export function runTethered({ command, cwd, env, line }) {
  const script = `(read -r _ <&3; kill -s KILL -- -$$) & tether=$!; "$@" 3<&- </dev/null; code=$?; kill $tether; exit $code`;
  const child = spawn("sh", ["-c", script, "tether", ...command], { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-20_000);
      line?.(text.trimEnd().split("\n").at(-1)?.trim() ?? "");
    });
  }
  const interrupt = () => {
    child.stdio[3].destroy();
    process.exit(130);
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  return new Promise((resolve) => {
    const end = (code) => {
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
      resolve({ code, output });
    };
    child.once("error", (error) => {
      output += error.message;
      end(-1);
    });
    child.once("close", (code, signal) => end(code ?? signal));
  });
}

/** Two first starts at once would write one node_modules; the second waits, then finds all done. A dead holder's lock is taken over. */
async function withLock(root, work) {
  const lock = join(root, ".bellhop", "setup.lock");
  mkdirSync(join(root, ".bellhop"), { recursive: true });
  let told = false;
  while (!take(lock)) {
    if (!told) process.stderr.write("bellhop: another set-up is running here; waiting for it\n");
    told = true;
    await new Promise((wake) => setTimeout(wake, 250));
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, `${process.pid} ${startTime(process.pid) ?? ""}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw new SetUpFailed(`${lock} could not be written: ${error.message}. To do: make the folder writable.`);
  }
  if (isStale(lock)) rmSync(lock, { force: true });
  return false;
}

function isStale(lock) {
  try {
    const [pid, start] = readFileSync(lock, "utf8").split(" ");
    // Empty: its holder is between creating and writing it, or died there.
    if (!pid) return Date.now() - statSync(lock).mtimeMs > 5_000;
    return !runs(Number(pid), start);
  } catch {
    return false;
  }
}

function runs(pid, start) {
  if (process.platform === "linux") return startTime(pid) === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function pinnedPnpm(root) {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devEngines.packageManager.version;
}

function bundledPath(root) {
  return join(root, "node_modules/.bin/node");
}

function versionOf(command, env) {
  if (!existsSync(command)) return undefined;
  const { status, stdout } = spawnSync(command, ["--version"], { env, encoding: "utf8", timeout: 10_000 });
  return status === 0 ? stdout.trim() : undefined;
}

function tail(text) {
  return text.trim().split("\n").slice(-12).join("\n");
}

function indent(text) {
  return text.replace(/^/gm, "      ");
}
