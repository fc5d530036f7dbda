import { problem, toProblem, type ActionDefinition, type ActionRequested, type ProblemData } from "@bellhop/contracts";
import { readOutput } from "@bellhop/core";
import type { Desk } from "./desks.ts";
import type { Held } from "./hand.ts";
import type { JournalEntry } from "./journal.ts";
import { kinds } from "./kinds/index.ts";
import { endReason, type Result } from "./kinds/kind.ts";
import { liveOutput } from "./output.ts";
import type { OpenedConfig } from "./pack-configs.ts";
import type { ReadyPack } from "./packs.ts";
import type { Runner } from "./runner.ts";
import { maskText, maskValue, openInput, secretTexts, type OpenedInput } from "./secrets.ts";

export type AttemptResult = NonNullable<JournalEntry["result"]>;

/** What an attempt works on: nothing of it is missing any more. */
export interface Ground {
  pack: ReadyPack;
  config: OpenedConfig;
  desk: Desk;
}

/** Does an attempt's work by its kind, within its time, and tells how it went with secrets masked. Undefined: it was taken away from this runner
 *  and says nothing, because another attempt follows. Never throws. */
export async function carryOut(runner: Runner, held: Held, ground: Ground): Promise<AttemptResult | undefined> {
  const { request } = held;
  const from = performance.now();
  let result: Result;
  let secrets: readonly string[] = [];
  try {
    const input = open(runner, request);
    const opened = { ...input, secrets: secretTexts([...input.secrets, ...ground.config.secrets]) };
    secrets = opened.secrets;
    result = await byKind({ runner, held, ground, opened });
  } catch (error) {
    result = { status: "failed", problem: toProblem(error, request.run).data };
  }
  const ended = wrapped(result, held);
  if (ended === undefined) return undefined;
  const ms = Math.round(performance.now() - from);
  const { status } = ended;
  // Nobody waits for the files of what was called off.
  const shown = status !== "canceled" && status !== "abandoned";
  const files = shown ? await runner.desks.gather(ground.desk, { types: result.types, secrets }) : [];
  return {
    status,
    ...(ended.output === undefined ? {} : { output: maskValue(ended.output, secrets) }),
    ...(ended.problem === undefined ? {} : { problem: maskProblem(ended.problem, secrets) }),
    ...(files.length === 0 ? {} : { files }),
    ms,
  };
}

function maskProblem(problem: ProblemData, secrets: readonly string[]): ProblemData {
  return { ...problem, message: maskText(problem.message, secrets), hint: maskText(problem.hint, secrets) };
}

async function byKind(at: { runner: Runner; held: Held; ground: Ground; opened: OpenedInput }): Promise<Result> {
  const { runner, held, opened } = at;
  const { pack, config, desk } = at.ground;
  const { request, signal } = held;
  const { action } = request;
  const definition = pack.actions.get(action);
  if (definition === undefined)
    throw problem("action_unknown", { action, suggestion: `${pack.version.name} ${pack.version.version} has none.` });
  const kind = kinds.get(definition.kind);
  if (kind === undefined) throw problem("kind_unknown", { action, kind: definition.kind, kinds: [...kinds.keys()].join(", ") });

  return runner.slots.work(async () => {
    const output = liveOutput({ bus: runner.bus, attempt: request, secrets: opened.secrets, log: runner.log });
    // Node takes no longer time-out than 24 days.
    const timer = setTimeout(() => held.end("timeout"), Math.min(request.timeoutMs, 2 ** 31 - 1));
    try {
      const result = await kind.run(
        {
          attempt: request,
          definition,
          input: opened.input,
          sealed: opened.sealed,
          config: config.values,
          folder: pack.folder,
          desk,
          timeoutMs: request.timeoutMs,
        },
        {
          signal,
          emit: (stream, bytes) => output.write(stream, bytes),
          mask: (text) => maskText(text, opened.secrets),
          keeper: runner.keeper,
          workers: runner.workers,
        },
      );
      return definition.kind === "typescript" ? result : fitted(runner, definition, result);
    } finally {
      clearTimeout(timer);
      output.close();
    }
  });
}

/** What an action says of itself that is secret is masked. That it gave what it should is asked where the installation wants it; TypeScript's own host has checked already. */
function fitted({ checkOutput }: Runner, definition: ActionDefinition, result: Result): Result {
  if (result.output === undefined) return result;
  const { output, problem: fault } = readOutput(definition, result.output);
  if (!checkOutput || fault === undefined || result.status !== "succeeded") return { ...result, output };
  return { ...result, status: "failed", output, problem: fault };
}

function open({ keyring }: Runner, { input, action }: ActionRequested): OpenedInput {
  try {
    return openInput(input, keyring);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const next = "Runner and engine must share one key file.";
    throw problem("action_failed", { action, why: `its secrets can't be opened: ${why}`, next }, { cause });
  }
}

/** Why it was ended from outside says more than how that looked from inside. */
function wrapped(result: Result, { request, signal }: Held): AttemptResult | undefined {
  const { action, run, repeatable, timeoutMs } = request;
  const output = result.output === undefined ? {} : { output: result.output };
  switch (endReason(signal)) {
    case undefined:
      return { ...result };
    case "timeout":
      return { status: "timeout", ...output, problem: problem("action_timeout", { action, seconds: timeoutMs / 1000 }).data };
    case "cancel":
      return { status: "canceled", ...output };
    case "isolated":
      return undefined;
    case "left":
      return repeatable ? undefined : { status: "abandoned", ...output, problem: problem("action_abandoned", { run, action }).data };
  }
}
