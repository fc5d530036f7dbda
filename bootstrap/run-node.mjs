import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { basename } from "node:path";

/** How long a child may take to notice that its lifeline is gone before it is ended for it. */
const GRACE_MS = 1_000;

/** Runs a script on the chosen Node with this terminal, and resolves with its exit code.
 *
 *  The lifeline: descriptor 3 of the child (its number is in BELLHOP_LIFELINE_FD) is one end of a pipe whose other end only this process holds
 *  and never writes to. Whatever happens to this process, -9 included, the kernel closes that end, and the child reads end-of-file: it must then
 *  end at once, and take its own children along. A child watches it without being kept alive by it:
 *
 *      new net.Socket({ fd: Number(process.env.BELLHOP_LIFELINE_FD), readable: true, writable: false }).on("close", end).resume().unref();
 *
 *  and leaves the variable out of the environment of whatever it starts itself, which has no such descriptor.
 */
export function runNode({ node, env, cwd, script, ancestors }) {
  const child = spawn(node, script, {
    cwd,
    env: { ...env, BELLHOP_LIFELINE_FD: "3" },
    stdio: ["inherit", "inherit", "inherit", "pipe"],
  });
  // A lifeline that breaks early is the child's end, and that is told below.
  child.stdio[3].on("error", () => {}).resume();
  const forget = passSignals(child);
  ancestors?.onGone(() => {
    child.stdio[3].destroy();
    setTimeout(() => {
      child.kill("SIGKILL");
      process.exit(1);
    }, GRACE_MS);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      forget();
      process.stderr.write(`bellhop: ${node} could not be started: ${error.message}\n`);
      resolve(1);
    });
    child.once("exit", (code, signal) => {
      forget();
      if (signal === "SIGKILL") process.stderr.write(`bellhop: ${basename(script[0])} was killed\n`);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** Hands SIGTERM and SIGINT on, once. Ctrl-C in a terminal reaches every process in the foreground, the child among them, and npm passes it on
 *  a second time: a program that takes the second Ctrl-C for "now!" would never get to drain. */
function passSignals(child) {
  const onTerm = () => child.kill("SIGTERM");
  const onInt = () => {
    if (!inForeground()) child.kill("SIGINT");
  };
  process.on("SIGTERM", onTerm).on("SIGINT", onInt);
  return () => process.off("SIGTERM", onTerm).off("SIGINT", onInt);
}

/** Whether this process belongs to the foreground group of its terminal. False without a terminal. */
function inForeground() {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return terminal !== "0" && group === foreground;
  } catch {
    return Boolean(process.stdin.isTTY || process.stderr.isTTY);
  }
}
