import { constants } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { limits, problem } from "@bellhop/contracts";
import type { Command } from "../process/keeper.ts";
import { endReason, type KindContext, type Result, type Work } from "./kind.ts";

/** Carries out one command for a shell kind: StackStorm's environment in, StackStorm's result out.
 *  @param what.interpreter names what is missing when the file itself exists and still can't be started */
export async function runShell(
  what: Pick<Command, "file" | "args" | "script"> & { env?: Record<string, string>; unstartable: (code: string) => string },
  work: Work,
  context: KindContext,
): Promise<Result> {
  const { definition, attempt, input, desk } = work;
  const collected = { stdout: collector(), stderr: collector() };
  desk.make();
  const cwd = typeof input.cwd === "string" && input.cwd !== "" ? input.cwd : undefined;
  const ended = await context.keeper.run({
    file: what.file,
    args: what.args,
    ...(what.script === undefined ? {} : { script: what.script }),
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      ST2_ACTION_PACK_NAME: definition.pack,
      ST2_ACTION_EXECUTION_ID: attempt.run,
      ST2_ACTION_DEBUG: "False",
      BELLHOP_FILES: desk.folders.files,
      BELLHOP_ATTACH: desk.folders.attach,
      ...what.env,
      ...givenEnvironment(input.env),
    },
    signal: context.signal,
    onOutput(stream, bytes) {
      collected[stream].add(bytes);
      context.emit(stream, bytes);
    },
  });
  const stdout = context.mask(collected.stdout.text());
  const stderr = context.mask(collected.stderr.text());
  const result = (returnCode: number, error?: string) => ({
    failed: returnCode !== 0,
    succeeded: returnCode === 0,
    return_code: returnCode,
    stdout: parsed(withoutNewline(stdout)),
    stderr: withoutNewline(stderr),
    ...(error === undefined ? {} : { error }),
  });
  const failed = (why: string, next: string, returnCode: number, error?: string): Result => ({
    status: "failed",
    output: result(returnCode, error),
    problem: problem("action_failed", { action: definition.ref, why, next }).data,
  });

  const reason = endReason(context.signal);
  if (reason !== undefined && ended.kind === "exited") {
    const error =
      reason === "timeout" ? `Action failed to complete in ${work.timeoutMs / 1000} seconds` : "Action was ended before it was done";
    return failed(error, "", -9, error);
  }
  switch (ended.kind) {
    case "exited": {
      const code = ended.code ?? -signalNumber(ended.signal);
      if (code === 0) return { status: "succeeded", output: result(0) };
      const how = ended.code === null ? `it was ended by ${ended.signal}` : `exit code ${ended.code}`;
      const said = lastLine(stderr) ?? lastLine(stdout);
      return failed(said === undefined ? how : `${how}: ${said}`, "", code);
    }
    case "unstartable": {
      const why =
        cwd !== undefined && ended.code === "ENOENT"
          ? `${what.unstartable(ended.code)}, or there is no folder ${cwd}`
          : what.unstartable(ended.code);
      return failed(why, "Install it where the runner is, or mend the action.", 127, why);
    }
    case "lost":
      return failed(
        `the process that kept it died (${ended.how})`,
        "It may have done part of its work. Check, then ask again.",
        -9,
        ended.how,
      );
  }
}

/** Text up to `limits.runOutput`, then a note of how much there was. */
function collector() {
  const decoder = new StringDecoder("utf8");
  let text = "";
  let bytesLeftOut = 0;
  return {
    add(bytes: Buffer) {
      if (text.length < limits.runOutput) text += decoder.write(bytes);
      else bytesLeftOut += bytes.length;
    },
    text() {
      const whole = text + (bytesLeftOut === 0 ? decoder.end() : "");
      return bytesLeftOut === 0 ? whole : `${whole}\n[cut: ${bytesLeftOut} more bytes]\n`;
    },
  };
}

function givenEnvironment(env: unknown): Record<string, string> {
  if (typeof env !== "object" || env === null) return {};
  return Object.fromEntries(
    Object.entries(env)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

function withoutNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, text.endsWith("\r\n") ? -2 : -1) : text;
}

/** StackStorm gives templates the parsed value where the whole output is JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function lastLine(text: string): string | undefined {
  const line = text.trimEnd().split("\n").at(-1)?.trim();
  return line === undefined || line === "" ? undefined : line.slice(0, 300);
}

function signalNumber(signal: string | null): number {
  return (constants.signals as Record<string, number>)[signal ?? ""] ?? 1;
}
