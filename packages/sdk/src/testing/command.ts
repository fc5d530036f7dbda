import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { commandEnvironment, commandResult, givenEnvironment, parameterEnvironment, printsSecrets, scriptArguments } from "@bellhop/core";
import { mediaType } from "../files.ts";
import type { Executed } from "../host.ts";
import { attachmentOf, laidOut } from "./run-action.ts";
import type { Desk, Attempt } from "./work.ts";

/** Carries out an action of a shell kind as a program of this machine. It finds the environment that a runner gives it, and is ended with all that
 *  it started when its time is over. */
export async function runCommand(attempt: Attempt, desk: Desk, config: Readonly<Record<string, unknown>>): Promise<Executed> {
  const { definition, plan } = attempt;
  laidOut(attempt.files, desk.folders.files);
  const ended = await run({ ...programOf(attempt), cwd: cwdOf(attempt), env: environmentOf(attempt, desk, config), signal: desk.signal });
  const left = readdirSync(desk.folders.attach, { withFileTypes: true }).filter((entry) => entry.isFile() && !entry.name.startsWith("."));
  for (const { name } of left) {
    desk.attached.push(attachmentOf({ name, type: mediaType(name) }, readFileSync(join(desk.folders.attach, name))));
  }
  const late = desk.signal.aborted ? `Action failed to complete in ${plan.task.timeoutMs / 1000} seconds` : undefined;
  const said = { ...ended, unquoted: printsSecrets(definition), ...(late === undefined ? {} : { why: late, error: late }) };
  const result = commandResult({ action: definition.ref, ...said });
  return result.status === "succeeded" ? { kind: "succeeded", output: result.output } : { kind: "failed", ...result };
}

function programOf({ folder, definition, plan }: Attempt): { file: string; args: string[] } {
  const { input } = plan.task;
  if (definition.kind === "local-shell-cmd") return { file: "/bin/sh", args: ["-c", String(input["cmd"])] };
  const { entryPoint = "", parameters } = definition;
  // As in a runner: arguments are seen by every user of the machine, so a secret is in the environment only.
  const visible = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, plan.secrets.includes(name) ? "" : value]));
  const kwargOp = input["kwarg_op"];
  return {
    file: join(folder, entryPoint),
    args: scriptArguments({ parameters, input: visible, ...(typeof kwargOp === "string" ? { kwargOp } : {}) }),
  };
}

/** Not the pack's folder: a runner has another. */
function cwdOf({ plan }: Attempt): string {
  const { cwd } = plan.task.input;
  return typeof cwd === "string" && cwd !== "" ? cwd : tmpdir();
}

function environmentOf(
  { definition, plan, run: id }: Attempt,
  { folders }: Desk,
  config: Readonly<Record<string, unknown>>,
): NodeJS.ProcessEnv {
  const { input } = plan.task;
  const names = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"].filter((name) => process.env[name] !== undefined);
  return {
    ...Object.fromEntries(names.map((name) => [name, process.env[name]])),
    ...commandEnvironment({ pack: definition.pack, run: id, config, folders }),
    ...(definition.kind === "local-shell-script" ? parameterEnvironment(definition.parameters, input) : {}),
    ...givenEnvironment(input["env"]),
  };
}

interface Ended {
  readonly returnCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly how?: string;
  readonly why?: string;
  readonly error?: string;
  readonly next?: string;
}

function run(at: { file: string; args: string[]; cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal }): Promise<Ended> {
  const { file, args, cwd, env, signal } = at;
  return new Promise((resolve) => {
    // A group of its own, so that what it starts ends with it.
    const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const said = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
    const stop = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        return;
      }
    };
    signal.addEventListener("abort", stop, { once: true });
    child.on("exit", stop);
    child.on("error", (error: NodeJS.ErrnoException) => {
      const why = `${file} can't be started (${error.code ?? error.message})`;
      resolve({ returnCode: 127, ...said, why, error: why, next: "Install what its first line names, and make it executable." });
    });
    child.on("close", (code, ending) => {
      signal.removeEventListener("abort", stop);
      const number = ending === null ? 1 : constants.signals[ending];
      resolve({ returnCode: code ?? -number, ...said, ...(code === null ? { how: `it was ended by ${ending}` } : {}) });
    });
  });
}
