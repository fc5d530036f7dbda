import { execFile, spawn, type ChildProcess } from "node:child_process";

export type TieBy = "setpriv" | "sh";

/** Starts a program that is ended by the system when this process is gone, -9 included. It is in a process group of its own, so Ctrl-C in a
 *  terminal reaches it only through its owner, which may first drain. Its standard output and error are pipes.
 *  The program's pid is the child's own with `setpriv`, and a child of the child with `sh`. */
export async function spawnTied(options: {
  command: string;
  args: string[];
  by?: TieBy;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}): Promise<ChildProcess> {
  const { command, args, env, cwd } = options;
  const by = options.by ?? (await bestTie());
  const [tie, stdio] =
    by === "setpriv"
      ? [deathSignal(process.pid), ["ignore", "pipe", "pipe"] as const]
      : [tether, ["ignore", "pipe", "pipe", "pipe"] as const];
  const child = spawn(tie[0] ?? "sh", [...tie.slice(1), command, ...args], { detached: true, env, cwd, stdio: [...stdio] });
  // Closing is all that the lifeline is for.
  child.stdio[3]?.on("error", () => {});
  return child;
}

/** The parent may have died before the signal was asked for; then its pid is no longer the parent's, and nothing is started. */
function deathSignal(parent: number): string[] {
  return ["setpriv", "--pdeathsig", "KILL", "sh", "-c", `[ "$PPID" = ${parent} ] && exec "$@"`, "tie"];
}

/** Where setpriv does not know the parent-death signal: a shell that kills its whole group at the end of a pipe only we hold. */
const tether = [
  "sh",
  "-c",
  `(read -r _ <&3; kill -s KILL -- -$$) & reader=$!; "$@" 3<&- & child=$!; trap 'kill -s TERM $child' TERM; wait $child; code=$?; kill $reader; exit $code`,
  "tie",
];

let best: Promise<TieBy> | undefined;

function bestTie(): Promise<TieBy> {
  best ??= new Promise((resolve) => {
    execFile("setpriv", ["--pdeathsig", "KILL", "true"], (error) => resolve(error ? "sh" : "setpriv"));
  });
  return best;
}
