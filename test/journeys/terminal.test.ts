import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeSlack } from "@bellhop/testkit/slack";
import { afterEach, describe, expect, test } from "vitest";
import { patience, until } from "../until.ts";

const main = join(import.meta.dirname, "..", "..", "apps", "cli", "src", "main.ts");

/** A process of the CLI, as a shell would see it. */
interface Command {
  pid: number;
  child: ChildProcess;
  say(line: string): void;
  /** Ends the input. */
  finish(): void;
  output(): { out: string; err: string };
  /** Resolves when what it printed fits. */
  printed(where: "out" | "err", pattern: RegExp): Promise<void>;
  ended: Promise<{ code: number | null; out: string; err: string }>;
}

const children: ChildProcess[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

describe("the first minute", () => {
  test("what is piped in is answered on standard output, and nothing else is", async () => {
    const at = await place();
    const { code, out } = await bellhop(at, ["start"], "!echo hello\n\n").ended;
    expect([code, out]).toEqual([0, "hello\n"]);
  });

  test("every line is answered before it ends, with or without the exclamation mark, and one that fails makes the end 1", async () => {
    const at = await place();
    const { code, out } = await bellhop(at, ["start"], "echo a\n!sleep 0.2\necho b\nno such thing").ended;
    expect(code).toBe(1);
    expect(out).toMatch(/^a$/m);
    expect(out).toMatch(/^b$/m);
    expect(out).toMatch(/No command fits "no such thing"/);
  });

  test("no input is no failure", async () => {
    const { code, out } = await bellhop(await place(), ["start"], "").ended;
    expect([code, out]).toEqual([0, ""]);
  });

  test("of two that start at once one runs everything and the other joins it, and both are answered", async () => {
    const at = await place();
    const both = [bellhop(at, ["start"], "echo one\n"), bellhop(at, ["start"], "echo two\n")];
    const ends = await Promise.all(both.map(({ ended }) => ended));
    expect(ends.map(({ code, out }) => [code, out])).toEqual([
      [0, "one\n"],
      [0, "two\n"],
    ]);
  });
});

describe("what runs already", () => {
  test("is joined by start, chat and run, and goes on when they leave", async () => {
    const at = await place();
    const first = bellhop(at, ["start"]);
    first.say("echo first");
    await first.printed("out", /^first$/m);

    expect(await bellhop(at, ["start"], "echo second\n").ended).toMatchObject({ code: 0, out: "second\n" });
    expect(await bellhop(at, ["chat"], "echo third\n").ended).toMatchObject({ code: 0, out: "third\n" });
    const json = await bellhop(at, ["run", "core.echo", "message=fourth", "--json"]).ended;
    expect(JSON.parse(json.out)).toMatchObject({
      run: expect.stringMatching(/^\w{26}$/),
      outcome: "ok",
      result: { stdout: "fourth" },
      text: "fourth",
    });
    const failed = await bellhop(at, ["run", "core.local", "cmd=echo gone; exit 3"]).ended;
    expect(failed.code).toBe(1);
    expect(failed.out).toContain("gone");
    const refused = await bellhop(at, ["run", "core.nothing"]).ended;
    expect(refused).toMatchObject({ code: 1, out: expect.stringContaining("core.nothing") });
    const health = await bellhop(at, ["doctor", "--json"]).ended;
    expect(JSON.parse(health.out)).toMatchObject({ ok: true });
    expect(health.code).toBe(0);

    first.say("echo still here");
    await first.printed("out", /^still here$/m);
    first.finish();
    expect((await first.ended).code).toBe(0);
    expect((await bellhop(at, ["chat"], "echo late\n").ended).code).toBe(1);
  });

  test("shows live output on standard error while it comes, the result on standard output", async () => {
    const at = await place();
    const up = bellhop(at, ["up", "--json"]);
    await up.printed("out", /\}\n/);
    expect(JSON.parse(up.output().out)).toMatchObject({
      packs: expect.arrayContaining([expect.stringMatching(/^core /)]),
      parts: ["engine", "runner"],
      pid: up.pid,
    });
    const gate = join(at, "gate");
    const run = bellhop(at, ["run", "core.local", `cmd=echo early; until [ -e '${gate}' ]; do sleep 0.05; done; echo late`, "--tail"]);
    await run.printed("err", /early/);
    expect(run.output().out).toBe("");
    await writeFile(gate, "");
    const { code, out } = await run.ended;
    expect([code, out]).toEqual([0, expect.stringMatching(/early\nlate/)]);
    up.child.kill("SIGTERM");
    expect((await up.ended).code).toBe(0);
  });

  test("reads a pack again when it is saved, and names the place of a fault", async () => {
    const at = await place();
    const pack = join(at, "packs", "greet");
    await mkdir(join(pack, "actions"), { recursive: true });
    await mkdir(join(pack, "aliases"), { recursive: true });
    await writeFile(join(pack, "pack.yaml"), "name: greet\nversion: 1.0.0\ndescription: Greets\n");
    const action = (line: string) =>
      `name: hello\nrunner_type: local-shell-cmd\nparameters:\n  cmd:\n    default: ${line}\n    immutable: true\n`;
    await writeFile(join(pack, "actions", "hello.yaml"), action("echo good morning"));
    const alias = 'name: hello\naction_ref: greet.hello\nformats: [greet]\nresult:\n  format: "{{ execution.result.stdout }}"\n';
    await writeFile(join(pack, "aliases", "hello.yaml"), alias);
    const prompt = bellhop(at, ["start"]);
    prompt.say("greet");
    await prompt.printed("out", /good morning/);

    await writeFile(join(pack, "actions", "hello.yaml"), action("echo good evening"));
    await prompt.printed("err", /greet 1\.0\.0 reloaded: 1 action, 1 alias/);
    // The engine hears of it a moment later.
    while (!prompt.output().out.includes("good evening")) {
      const before = prompt.output().out.length;
      prompt.say("greet");
      await until(() => prompt.output().out.length > before);
    }

    await writeFile(join(pack, "aliases", "hello.yaml"), alias.replace("action_ref", "action_rf"));
    await prompt.printed("err", /packs\/greet\/aliases\/hello\.yaml:\d+:\d+ /);
    prompt.say("greet");
    await prompt.printed("out", /good evening\ngood evening/);
    prompt.finish();
    expect((await prompt.ended).code).toBe(0);
  });
});

describe("the first owner", () => {
  test("claims in Slack with the code that up prints, which stands in no file", async () => {
    const slack = await startFakeSlack();
    try {
      const at = await place();
      const tokens = {
        BELLHOP_SLACK_API_URL: slack.apiUrl,
        BELLHOP_SLACK_BOT_TOKEN: slack.bot.token,
        BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken,
      };
      const up = bellhop(at, ["up"], undefined, tokens);
      await up.printed("err", /claim [2-9A-Z]{8}\n/);
      const code = /claim ([2-9A-Z]{8})/.exec(up.output().err)?.[1] ?? "";
      const ana = slack.createUser("ana");
      await slack.waitUntil(() => slack.sockets() > 0, patience);
      await slack.dm(ana, `claim ${code}`);
      await slack.waitForMessage(({ user, text }) => user === slack.bot.userId && /owner now/.test(text), patience);
      up.child.kill("SIGTERM");
      expect((await up.ended).code).toBe(0);
      for (const name of readdirSync(join(at, ".bellhop", "logs")))
        expect(readFileSync(join(at, ".bellhop", "logs", name), "utf8")).not.toContain(code);

      const again = bellhop(at, ["up"], undefined, tokens);
      await again.printed("err", /Bellhop is up: .*Slack gateway/);
      again.child.kill("SIGTERM");
      expect((await again.ended).err).not.toContain("claim");
    } finally {
      await slack.close();
    }
  });
});

describe.skipIf(process.platform !== "linux")("killed with -9", () => {
  test("everything it started is gone, and the next prompt shows the reply that was owed", async () => {
    const at = await place();
    const first = bellhop(at, ["start"]);
    first.say("echo ready");
    await first.printed("out", /^ready$/m);
    first.say("sleep 4");
    await until(() => /"stored":"[^"]*\/2"/.test(journal(at)));
    const started = descendants(first.pid);
    expect(started.length).toBeGreaterThanOrEqual(2);
    first.child.kill("SIGKILL");
    await first.ended;
    await until(() => started.every((one) => isOver(one)));

    const next = bellhop(at, ["start"]);
    await next.printed("err", /\(for an earlier prompt\)/);
    next.say("echo mine");
    await next.printed("out", /^mine$/m);
    next.finish();
    const { code, out, err } = await next.ended;
    expect([code, out]).toEqual([0, "mine\n"]);
    expect(err.match(/for an earlier prompt/g)).toHaveLength(1);
    expect(readdirSync(join(at, ".bellhop", "prompts"))).toEqual([]);
  });

  test("nats-server comes back on its port by itself, and what was asked meanwhile is answered once", async () => {
    const at = await place();
    const prompt = bellhop(at, ["start"]);
    prompt.say("echo before");
    await prompt.printed("out", /^before$/m);
    const server = descendants(prompt.pid).find(
      ({ pid }) =>
        readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("nats-server") ||
        readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("nats-server"),
    );
    if (server === undefined) throw new Error("no nats-server runs");
    process.kill(server.pid, "SIGKILL");
    for (const word of ["one", "two", "three"]) prompt.say(`echo ${word}`);
    prompt.finish();
    const { code, out } = await prompt.ended;
    expect(code).toBe(0);
    expect(out.split("\n").toSorted()).toEqual(["", "before", "one", "three", "two"]);
  });
});

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-terminal-"));
  folders.push(folder);
  return folder;
}

function bellhop(at: string, args: string[], input?: string, env: Record<string, string> = {}): Command {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: at,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: at,
      BELLHOP_FOLDER: join(at, ".bellhop"),
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  children.push(child);
  const { stdin, stdout, stderr, pid } = child;
  if (pid === undefined || stdin === null || stdout === null || stderr === null) throw new Error("the CLI could not be started");
  const seen = { out: "", err: "" };
  const listeners = new Set<() => void>();
  for (const [name, stream] of [
    ["out", stdout],
    ["err", stderr],
  ] as const) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      seen[name] += text;
      for (const listener of listeners) listener();
    });
  }
  // A killed one reads no more.
  stdin.on("error", () => {});
  if (input !== undefined) stdin.end(input);
  const ended = once(child, "close").then(([code]: (number | null)[]) => {
    for (const listener of listeners) listener();
    return { code: code ?? null, ...seen };
  });
  return {
    pid,
    child,
    say: (line) => stdin.write(`${line}\n`),
    finish: () => stdin.end(),
    output: () => seen,
    printed: (where, pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const over = child.exitCode !== null || child.signalCode !== null;
          if (pattern.test(seen[where])) resolve();
          else if (over) reject(new Error(`it ended before it printed ${pattern}: ${JSON.stringify(seen)}`));
          else return;
          listeners.delete(look);
          clearTimeout(tooLong);
        };
        const tooLong = setTimeout(() => reject(new Error(`it did not print ${pattern}: ${JSON.stringify(seen)}`)), patience);
        listeners.add(look);
        look();
      }),
    ended,
  };
}

interface Process {
  pid: number;
  started: string;
}

/** Every process below this one, whatever group or session it is in. */
function descendants(pid: number): Process[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (look(Number(name)) ?? []) : []));
  const below = (parent: number): Process[] => all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}

function isOver({ pid, started }: Process): boolean {
  return look(pid)?.started !== started;
}

function look(pid: number): (Process & { parent: number }) | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : { pid, parent: Number(fields[1]), started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

/** What the prompts here wrote down. */
function journal(at: string): string {
  const folder = join(at, ".bellhop", "prompts");
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
}
