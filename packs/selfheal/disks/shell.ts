import { spawn } from "node:child_process";
import { ActionFailed } from "@bellhop/sdk";
import { mostFiles } from "../config.ts";
import type { Target } from "../targets.ts";
import type { Disk, DiskFile, Usage } from "./disk.ts";

/** A disk behind a shell: this machine's, or one that some words lead to, as `ssh web-1` does. It needs df, and GNU's find, sort, head and xargs. */
export function openShellDisk({ name, path, shell }: Target, signal: AbortSignal): Disk {
  const run = async (command: string, input = "") => await output({ name, shell, command, input, signal });
  return {
    usage: async () => usageIn(await run(`df -Pk -- ${quoted(path)}`), name),
    async files(folders) {
      if (folders.length === 0) return [];
      const found = `find -P ${folders.map(quoted).join(" ")} -xdev -type f -printf '%T@ %s %p\\0'`;
      // A folder that is not there, or may not be read, has nothing to clean: what find says of it is no failure. That it is another find is.
      const command = `find -P /dev/null -printf '' && { ${found} 2>/dev/null | LC_ALL=C sort -zn | head -zn ${mostFiles}; }`;
      return (await run(command)).split("\0").flatMap((line) => fileIn(line) ?? []);
    },
    async remove(paths) {
      if (paths.length > 0) await run("xargs -0 rm -f --", paths.map((one) => `${one}\0`).join(""));
    },
  };
}

/** For sh: paths of the configuration, and those that find gave, mean themselves. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The last line of POSIX's df: file system, blocks of 1024, used, available, capacity, where. */
function usageIn(text: string, name: string): Usage {
  const [, size, used, available] = /\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%\s+\S+[^\n]*\s*$/.exec(text) ?? [];
  if (size === undefined || used === undefined || available === undefined)
    throw new ActionFailed(`df on ${name} said something that can't be read: ${text.slice(0, 200)}`);
  const kilobyte = 1024;
  const usable = Number(used) + Number(available);
  const percent = usable === 0 ? 100 : Math.ceil((Number(used) / usable) * 100);
  return { size: Number(size) * kilobyte, used: Number(used) * kilobyte, percent };
}

function fileIn(line: string): DiskFile | undefined {
  const [, seconds, bytes, path] = /^(\d+(?:\.\d+)?) (\d+) ([^]+)$/.exec(line) ?? [];
  // A name that is no UTF-8 was not read as it is, so nothing could be removed by it.
  return path === undefined || path.includes("\uFFFD") ? undefined : { path, bytes: Number(bytes), writtenAt: Number(seconds) * 1000 };
}

async function output(at: {
  name: string;
  shell: readonly string[];
  command: string;
  input: string;
  signal: AbortSignal;
}): Promise<string> {
  const [program = "sh", ...words] = at.shell;
  const child = spawn(program, [...words, at.command], { signal: at.signal, stdio: ["pipe", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err = (said.err + text).slice(-1_000)));
  // Whoever ends without reading says why by how it ends.
  child.stdin.on("error", () => {});
  child.stdin.end(at.input);
  const ended = await new Promise<{ code: number | null }>((resolve, reject) => {
    child.once("error", (error) => reject(at.signal.aborted ? error : unreachable(at.name, error.message)));
    child.once("close", (code) => resolve({ code }));
  });
  if (ended.code !== 0) throw unreachable(at.name, said.err.trim() || `its shell ended with ${ended.code}`);
  return said.out;
}

function unreachable(name: string, why: string): ActionFailed {
  return new ActionFailed(`The disk of ${name} can't be reached: ${why}`, {
    hint: "Try its `shell` of the configuration by hand, as the runner's user.",
  });
}
