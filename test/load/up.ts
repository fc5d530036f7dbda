import { delimiter, dirname, join } from "node:path";
import { z } from "zod";
import { endProcess, plainEnv, startProcess, type StartedProcess } from "./processes.ts";
import { repository, smallHeap, type Programs } from "./stack.ts";

export interface RunningUp {
  readonly started: StartedProcess;
  /** Types a line at a prompt of another process and waits for the reply. */
  say(line: string): Promise<string>;
  /** Closes that prompt. */
  leave(): Promise<void>;
}

const Status = z.object({ url: z.string(), packs: z.array(z.string()) });
const patienceMs = 30_000;

/** `bellhop up` in a folder, and a prompt beside it. */
export async function startUp(at: { folder: string; programs: Programs; env?: Record<string, string> }): Promise<RunningUp> {
  const { folder, programs } = at;
  const plain = plainEnv();
  // The server on PATH is preferred.
  const env = {
    ...plain,
    PATH: `${dirname(programs.natsServer)}${delimiter}${plain["PATH"] ?? ""}`,
    BELLHOP_FOLDER: folder,
    NODE_COMPILE_CACHE: join(folder, "compile-cache"),
    ...at.env,
  };
  const bellhop = (...args: string[]) => ({
    command: programs.node,
    args: [...smallHeap, join(repository, "apps/cli/src/main.ts"), ...args],
    env,
    cwd: folder,
  });
  const status = lines();
  const started = startProcess({ ...bellhop("up", "--json"), onOutput: status.take });
  const { packs } = Status.parse(JSON.parse(await status.next(started)));
  if (packs.length === 0) throw new Error(`bellhop up has no pack:\n${started.lastWords()}`);
  const replies = lines();
  const prompt = startProcess({ ...bellhop("chat"), onOutput: replies.take });
  return {
    started,
    async say(line) {
      prompt.child.stdin?.write(`${line}\n`);
      return await replies.next(prompt);
    },
    async leave() {
      prompt.child.stdin?.end();
      await endProcess(prompt);
    },
  };
}

/** What a process prints, line by line, each asked for in turn. */
export function lines(): { take: (text: string) => void; next(from: StartedProcess): Promise<string> } {
  const complete: string[] = [];
  let rest = "";
  let wake = () => {};
  return {
    take: (text) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      complete.push(...parts);
      wake();
    },
    async next(from) {
      const overdue = setTimeout(() => from.child.kill("SIGTERM"), patienceMs);
      const gone = from.gone.then(() => {
        throw new Error(`a process ended before it said what was waited for:\n${from.lastWords()}`);
      });
      gone.catch(() => {});
      try {
        for (;;) {
          const line = complete.shift();
          if (line !== undefined) return line;
          await Promise.race([new Promise<void>((resolve) => (wake = resolve)), gone]);
        }
      } finally {
        clearTimeout(overdue);
      }
    },
  };
}
