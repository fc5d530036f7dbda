import { spawn } from "node:child_process";
import { once } from "node:events";
import { markVariable } from "./mark.ts";

/** Waits for the end of its standard input, which comes when the runner ends, however it ends. Then it kills whatever carries the mark until
 *  two looks in a row find nothing. The mark stands in its arguments, never in its environment: it must not find itself. */
const script = `
trap '' INT TERM HUP
while read -r line; do :; done
quiet=0
while [ "$quiet" -lt 2 ]; do
  found=no
  for file in $(grep -lsaF "$1" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -9 "\${pid%/environ}" 2>/dev/null && found=yes
  done
  if [ "$found" = yes ]; then quiet=0; else quiet=$((quiet + 1)); fi
done
`;

export interface Tether {
  /** Ends everything that carries the mark, then the tether itself. */
  release(): Promise<void>;
}

/** Starts the process that ends everything marked `<mark>.…` when this process is gone. One per runner and start; killed, it is replaced. */
export async function startTether(mark: string): Promise<Tether> {
  let released = false;
  let current = await spawnTether(mark, replace);
  return {
    async release() {
      released = true;
      const { child, ended } = current;
      child.ref();
      child.stdin.end();
      await ended;
    },
  };

  function replace(): void {
    if (released) return;
    // A moment later: where it can't live, it must not be started without end.
    setTimeout(() => {
      if (released) return;
      spawnTether(mark, replace).then((next) => (current = next), replace);
    }, 100).unref();
  }
}

async function spawnTether(mark: string, onGone: () => void) {
  const child = spawn("/bin/sh", ["-c", script, "bellhop-tether", `${markVariable}=${mark}.`], {
    // Its own session: neither Ctrl-C nor a killed process group may take it before its work is done.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
  });
  child.stdin.on("error", () => {});
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await once(child, "spawn");
  child.once("exit", onGone);
  child.unref();
  return { child, ended };
}
