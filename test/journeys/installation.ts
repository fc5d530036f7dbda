import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openPlatform, type Platform } from "../platforms.ts";
import { until } from "../until.ts";

const main = join(import.meta.dirname, "..", "..", "apps", "cli", "src", "main.ts");

/** `bellhop up` in a folder of its own with a NATS of its own, on the terminal and on Slack; Ana owns it. */
export interface Installation {
  readonly folder: string;
  readonly slack: Platform;
  /** Runs a command of the CLI in the folder, to its end. */
  bellhop(...args: string[]): Promise<Ended>;
  /** Says a line at a prompt and in a room of Slack, again and again, until both are answered with this. */
  answers(line: string, words: string): Promise<void>;
  end(): Promise<void>;
}

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

export async function startInstallation(folder: string): Promise<Installation> {
  await mkdir(folder, { recursive: true });
  const slack = await openPlatform("slack", { rooms: ["ops"] });
  await writeFile(join(folder, "bellhop.yaml"), JSON.stringify({ owners: [slack.identity("ana")] }));
  const env = {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    HOME: folder,
    BELLHOP_FOLDER: join(folder, ".bellhop"),
  };
  const children: ChildProcess[] = [];
  const start = (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, env: { ...env, ...more }, stdio: ["pipe", "pipe", "pipe"] });
    children.push(child);
    return child;
  };

  const up = start(["up", "--json"], slack.env);
  let words = "";
  for (const stream of [up.stdout, up.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-4_000)));
  await until(() => /^\{.*\}$/m.test(words) && slack.connections() > 0, { instead: () => words });
  const prompt = start(["chat", "--json"]);
  const shown: string[] = [];
  createInterface({ input: prompt.stdout }).on("line", (line) => shown.push((JSON.parse(line) as { text: string }).text));

  async function terminalAnswers(line: string): Promise<string | undefined> {
    const before = shown.length;
    prompt.stdin.write(`${line}\n`);
    await until(() => shown.length > before, { instead: () => words });
    return shown.at(-1);
  }

  async function slackAnswers(line: string): Promise<string | undefined> {
    const said = await slack.say({ text: `!${line}` });
    await until(() => said.answers().length > 0, { instead: () => words });
    return said.answers().at(-1)?.text;
  }

  return {
    folder,
    slack,
    async bellhop(...args) {
      const child = start(args);
      child.stdin.end();
      const ended = { out: "", err: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => (ended.out += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (ended.err += text));
      const [code] = (await once(child, "close")) as [number | null];
      return { code, ...ended };
    },
    async answers(line, expected) {
      for (const ask of [terminalAnswers, slackAnswers]) {
        let last: string | undefined;
        // A version that was made the active one is known to the engine a moment later.
        await until(async () => (last = await ask(line))?.trim() === expected, { instead: () => ({ last, words }) });
      }
    },
    async end() {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill(child === up ? "SIGTERM" : "SIGKILL");
        await once(child, "exit");
      }
      await slack.close();
    },
  };
}
