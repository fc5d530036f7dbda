// Run by the set-up on the Node it chose (this one imports TypeScript): brings nats-server into the repository's .bellhop, or says why not.
import { fileURLToPath } from "node:url";
import { findNatsServer } from "../packages/bus/src/server/index.ts";
import { watchLifeline } from "./lifeline.mjs";
import { startProgress } from "./progress.mjs";

const root = fileURLToPath(new URL("../.bellhop", import.meta.url));
let progress;
watchLifeline(() => process.exit(1));
try {
  const { binary, version, from } = await findNatsServer({
    root,
    env: process.env,
    log: (line) => {
      progress?.failed();
      progress = startProgress({ text: line });
    },
  });
  progress?.done(`nats-server ${version} is at ${binary} (${from})`);
} catch (error) {
  progress?.failed();
  process.stderr.write(`bellhop: ${error.message}${error.hint ? `\n${error.hint}` : ""}\n`);
  process.exitCode = 1;
}
