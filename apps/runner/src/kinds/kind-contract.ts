import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLog } from "@bellhop/service";
import { ActionDefinition } from "@bellhop/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Desk } from "../desks.ts";
import { createKeeper, type Keeper } from "../process/keeper.ts";
import { markedProcesses } from "../process/mark.ts";
import { createWorkers, type Workers } from "../process/workers.ts";
import { maskText } from "../secrets.ts";
import type { EndReason, Kind, Result } from "./kind.ts";

/** One action of the kind under test: its files, and what it is given. */
export interface Example {
  files?: Record<string, string>;
  entryPoint?: string;
  parameters?: Record<string, { type: string; secret?: boolean; position?: number }>;
  input?: Record<string, unknown>;
  sealed?: string[];
  /** What comes with the command, by name. */
  given?: Record<string, string>;
}

/** The same small stories, told in the kind's own language. */
export interface Examples {
  /** Says `hello` on its output and gives a result that holds `hello`. */
  hello: Example;
  /** Fails with the reason `no luck`. */
  failing: Example;
  /** Says `ready`, starts a child that leaves the process group, and never ends; ignores polite signals. */
  endless: Example;
  /** Says `first`, and only after a while `second`. */
  slowly: Example;
  /** A result of more than 100 000 characters `x`. */
  big: Example;
  /** Given the secret input `password` = `hunter2`: says it, and gives it in its result. */
  secret: Example;
  /** Given the file `in.txt`: leaves `out.txt` with what it says. */
  copies: Example;
}

export interface Stage {
  run(example: Example, more?: { onOutput?: (text: string, end: (reason: EndReason) => void) => void }): Promise<Told>;
  alive(): Promise<{ pid: number; mark: string }[]>;
  workers: Workers;
}

interface Told {
  result: Result;
  said: string;
  /** What the action left on its desk, by name. */
  left: Record<string, string>;
}

/** What a kind runs on, without NATS. */
export function kindStage(kind: Kind): Stage & { stop(): Promise<void> } {
  const mark = `test-${randomBytes(6).toString("hex")}.e1`;
  const root = realpathSync(mkdtempSync(join(tmpdir(), "kind-")));
  const children = { mark: () => mark, killGraceMs: 200, cacheFolder: join(tmpdir(), "bellhop-test-compile-cache"), log: silentLog };
  const keeper: Keeper = createKeeper(children);
  const workers = createWorkers({ ...children, root, memoryMb: 64 });
  let folders = 0;
  return {
    workers,
    alive: async () => (await markedProcesses()).filter((found) => found.mark.startsWith(`${mark}.`)),
    async run({ files = {}, entryPoint, parameters = {}, input = {}, sealed = [], given = {} }, more = {}) {
      const folder = join(root, String(++folders));
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text, { mode: 0o755 });
      }
      const definition = ActionDefinition.parse({
        ref: "test.example",
        pack: "test",
        name: "example",
        kind: kind.name,
        ...(entryPoint === undefined ? {} : { entryPoint }),
        parameters,
        source: { file: "actions/example.yaml", line: 1, column: 1 },
      });
      const desk = setDesk(join(root, `${folders}.desk`), given);
      const secrets = sealed.map((name) => String(input[name]));
      const controller = new AbortController();
      let said = "";
      const result = await kind.run(
        { attempt: desk.attempt, definition, input, sealed: new Set(sealed), config: {}, folder, desk, timeoutMs: 1000 },
        {
          signal: controller.signal,
          emit(_stream, bytes) {
            said += bytes.toString();
            more.onOutput?.(said, (reason) => controller.abort(reason));
          },
          mask: (text) => maskText(text, secrets),
          kv: async () => ({ kind: "none" }),
          keeper,
          workers,
        },
      );
      return { result, said, left: contents(desk.folders.attach) };
    },
    stop: async () => void (await Promise.all([keeper.stop(), workers.stop()])),
  };
}

/** A desk with what came with a command; without it there is nothing yet, as in a runner. */
function setDesk(folder: string, given: Record<string, string>): Desk {
  const folders = { files: join(folder, "files"), attach: join(folder, "attach") };
  const make = () => Object.values(folders).forEach((path) => mkdirSync(path, { recursive: true }));
  const files = Object.entries(given).map(([name, text]) => {
    make();
    const path = join(folders.files, name);
    writeFileSync(path, text);
    return { name, type: "text/plain", bytes: Buffer.byteLength(text), path };
  });
  return { attempt: { run: "R", task: "main", attempt: 1 }, files, folders, make, used() {} };
}

function contents(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** What every kind must do, whatever its actions are written in. */
export function kindContract(kind: Kind, examples: Examples): void {
  describe(`kind ${kind.name}`, () => {
    let stage: ReturnType<typeof kindStage>;
    beforeAll(() => {
      stage = kindStage(kind);
    });
    afterAll(async () => {
      await stage.stop();
      expect(await stage.alive()).toEqual([]);
    });

    test("tells success, with what was said and the result", async () => {
      const { result, said } = await stage.run(examples.hello);
      expect(result.status).toBe("succeeded");
      expect(said).toContain("hello");
      expect(JSON.stringify(result.output)).toContain("hello");
    });

    test("tells failure with its reason", async () => {
      const { result } = await stage.run(examples.failing);
      expect(result).toMatchObject({ status: "failed", problem: { code: "action_failed", message: expect.stringContaining("no luck") } });
    });

    test.each(["timeout", "cancel"] as const)("ends on %s, long before it would by itself, and nothing of it lives on", async (reason) => {
      await stage.run(examples.hello);
      const before = await stage.alive();
      let ended = false;
      const { result } = await stage.run(examples.endless, {
        onOutput(text, end) {
          if (ended || !text.includes("ready")) return;
          ended = true;
          end(reason);
        },
      });
      expect(ended).toBe(true);
      expect(result.status).toBe("failed");
      expect((await stage.alive()).length).toBeLessThanOrEqual(before.length);
    });

    test("lets output through while it works", async () => {
      const seen: string[] = [];
      await stage.run(examples.slowly, { onOutput: (text) => seen.push(text) });
      expect(seen.some((text) => text.includes("first") && !text.includes("second"))).toBe(true);
      expect(seen.at(-1)).toContain("second");
    });

    test("carries a big result whole", async () => {
      const { result } = await stage.run(examples.big);
      expect(JSON.stringify(result.output).length).toBeGreaterThan(100_000);
    });

    test("gives the files of the command to the action, and takes those it leaves", async () => {
      const { result, left } = await stage.run({ ...examples.copies, given: { "in.txt": "42\n" } });
      expect(result.status).toBe("succeeded");
      expect(left).toEqual({ "out.txt": "42\n" });
    });

    test("gives a secret to the action", async () => {
      const { result } = await stage.run(examples.secret);
      expect(result.status).toBe("succeeded");
    });
  });
}
