// The floor of a shell command: a small process starts `sh -c 'echo hi'` and reads what it says. Prints how long each took, in milliseconds.
import { spawn } from "node:child_process";

const count = Number(process.argv[2] ?? 1);
const times: number[] = [];
for (let i = -5; i < count; i++) {
  const from = performance.now();
  await once();
  if (i >= 0) times.push(performance.now() - from);
}
process.stdout.write(JSON.stringify(times));

function once(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", "echo hi"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.resume();
    child.stderr.resume();
    child.once("error", reject);
    child.once("close", () => resolve());
  });
}
