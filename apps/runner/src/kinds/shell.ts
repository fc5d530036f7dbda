import { constants } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { limits, problem } from "@bellhop/contracts";
import { commandEnvironment, commandResult, givenEnvironment, printsSecrets, type CommandEnd } from "@bellhop/core";
import type { Command } from "../process/keeper.ts";
import { endReason, type KindContext, type Result, type Work } from "./kind.ts";

/** Carries out one command for a shell kind: StackStorm's environment in, StackStorm's result out.
 *  @param what.interpreter names what is missing when the file itself exists and still can't be started */
export async function runShell(
  what: Pick<Command, "file" | "args" | "script"> & {
    env?: Record<string, string>;
    unstartable: (code: string) => { why: string; next?: string };
  },
  work: Work,
  context: KindContext,
): Promise<Result> {
  const { definition, attempt, input, config, desk } = work;
  // Packs written for StackStorm may ask for it. As the runner's own user it would be another command than the one that was meant.
  if (input.sudo === true) {
    const next = "Write sudo into the command, where the runner's user may use it without a password.";
    return { status: "failed", problem: problem("action_failed", { action: definition.ref, why: "no runner does sudo", next }).data };
  }
  const collected = { stdout: collector(), stderr: collector() };
  desk.make();
  const cwd = typeof input.cwd === "string" && input.cwd !== "" ? input.cwd : undefined;
  const ended = await context.keeper.run({
    file: what.file,
    args: what.args,
    ...(what.script === undefined ? {} : { script: what.script }),
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      ...commandEnvironment({ pack: definition.pack, run: attempt.run, config, folders: desk.folders }),
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
  const result = (end: Pick<CommandEnd, "returnCode" | "why" | "how" | "error" | "next">): Result =>
    commandResult({ action: definition.ref, stdout, stderr, unquoted: printsSecrets(definition), ...end });

  const reason = endReason(context.signal);
  if (reason !== undefined && ended.kind === "exited") {
    const error =
      reason === "timeout" ? `Action failed to complete in ${work.timeoutMs / 1000} seconds` : "Action was ended before it was done";
    return result({ returnCode: -9, why: error, error });
  }
  switch (ended.kind) {
    case "exited": {
      const returnCode = ended.code ?? -signalNumber(ended.signal);
      return result({ returnCode, ...(ended.code === null ? { how: `it was ended by ${ended.signal}` } : {}) });
    }
    case "unstartable": {
      const { why: said, next = "Mend the action, or what it needs where the runner is." } = what.unstartable(ended.code);
      const why = cwd !== undefined && ended.code === "ENOENT" ? `${said}, or there is no folder ${cwd}` : said;
      return result({ returnCode: 127, why, error: why, next });
    }
    case "lost":
      return result({
        returnCode: -9,
        why: `the process that kept it died (${ended.how})`,
        error: ended.how,
        next: "It may have done part of its work. Check, then ask again.",
      });
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

function signalNumber(signal: string | null): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 1;
}
