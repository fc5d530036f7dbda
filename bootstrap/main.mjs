// The first minute: everything here runs on the Node the machine already has (18 or later), with nothing installed yet,
// so it is plain JavaScript on Node's own modules. Standard output belongs to the program that is started, never to this one.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const verbs = {
  start: "set up what is missing, then start Bellhop with a chat prompt",
  test: "set up what is missing, then run every check that CI runs",
  setup: "set up what is missing, nothing else",
};

/** A process that mostly waits needs neither sixteen megabytes for young objects nor four threads to collect them: 20 MB less. */
const smallHeap = ["--max-semi-space-size=2", "--v8-pool-size=1"];

const [verb = "start", ...args] = process.argv.slice(2);
process.exitCode = await main(verb, args);

async function main(verb, args) {
  if (Number(process.versions.node.split(".")[0]) < 18) {
    return say(
      `this is Node ${process.versions.node}: Bellhop's set-up needs Node 20 or later. To do: install it from nodejs.org, then try again.`,
    );
  }
  if (!Object.hasOwn(verbs, verb)) {
    const list = Object.entries(verbs).map(([name, what]) => `  node bootstrap/main.mjs ${name.padEnd(6)} ${what}`);
    return say([`there is no "${verb}". There are:`, ...list].join("\n"));
  }
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { watchAncestors } = await import("./ancestors.mjs");
  const { setUp, SetUpFailed } = await import("./install.mjs");
  // Killed npm must not leave a set-up or a server behind.
  const ancestors = watchAncestors({ gone: () => process.exit(1) });
  try {
    const { node, env } = await setUp({ root, env: process.env });
    const { runNode } = await import("./run-node.mjs");
    if (verb === "start")
      return await runNode({
        node,
        env,
        cwd: process.cwd(),
        script: [...smallHeap, `${root}/apps/cli/src/main.ts`, "start", ...args],
        ancestors,
      });
    const found = await runNode({ node, env, cwd: root, script: [`${root}/bootstrap/nats-server.mjs`], ancestors });
    if (found !== 0 || verb === "setup") return found;
    return await runNode({ node, env, cwd: root, script: [`${root}/bootstrap/validate.mjs`, ...args], ancestors });
  } catch (error) {
    if (error instanceof SetUpFailed) return say(error.message);
    throw error;
  } finally {
    ancestors.stop();
  }
}

function say(text) {
  process.stderr.write(`bellhop: ${text}\n`);
  return 1;
}
