import {
  neverSealed,
  problem,
  toProblem,
  type ActionDefinition,
  type ActionRequested,
  type KvRecord,
  type ProblemData,
} from "@bellhop/contracts";
import { printsSecrets, readOutput } from "@bellhop/core";
import { actionKv } from "./action-kv.ts";
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

/** Does an attempt's work by its kind, within its time, and tells how it went with secrets masked, and sealed where its schema says so. Undefined: it was taken away from this runner
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
    result = await byKind({ runner, held, ground, opened, onSecrets: (more) => (secrets = secretTexts([...secrets, ...more])) });
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

async function byKind(at: {
  runner: Runner;
  held: Held;
  ground: Ground;
  opened: OpenedInput;
  /** Takes secrets that the action reads while it works. @returns all there are */
  onSecrets: (more: readonly string[]) => readonly string[];
}): Promise<Result> {
  const { runner, held, opened, onSecrets } = at;
  const { bus, keyring, systemValues: system } = runner;
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
    const withheld = printsSecrets(definition);
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
          emit: (stream, bytes) => (withheld && stream === "stdout" ? output.withhold(stream) : output.write(stream, bytes)),
          mask: (text) => maskText(text, opened.secrets),
          kv: actionKv({ bus, keyring, action, system, chain: chainOf(request), opened: (more) => output.mask(onSecrets(more)) }),
          keeper: runner.keeper,
          workers: runner.workers,
        },
      );
      return closed({ runner, definition, onSecrets }, result);
    } finally {
      clearTimeout(timer);
      output.close();
    }
  });
}

/** What an action says of its own result is secret is sealed: a workflow hands it on, and nobody sees it. That it gave what it should is asked where the installation
 *  wants it; TypeScript's own host has checked already. */
function closed(
  at: { runner: Runner; definition: ActionDefinition; onSecrets: (more: readonly string[]) => void },
  result: Result,
): Result {
  if (result.output === undefined) return result;
  const { runner, definition } = at;
  const { checkOutput, keyring } = runner;
  const secrets: unknown[] = [];
  const seal = (secret: unknown) => {
    secrets.push(secret);
    return keyring.seal(secret);
  };
  const { output, problem: fault } = readOutput(definition, neverSealed(result.output), seal);
  at.onSecrets(secretTexts(secrets));
  const isRight = definition.kind === "typescript" || !checkOutput || fault === undefined || result.status !== "succeeded";
  return isRight ? { ...result, output } : { ...result, status: "failed", output, problem: fault };
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

function chainOf({ trace, depth }: ActionRequested): KvRecord["chain"] {
  return trace === undefined ? undefined : { trace, ...(depth === undefined ? {} : { depth }) };
}
