import type { ActionDefinition, AttemptRef, ProblemData } from "@bellhop/contracts";
import type { KvAnswer, KvAsk } from "@bellhop/sdk/host";
import type { Desk } from "../desks.ts";
import type { Keeper } from "../process/keeper.ts";
import type { Workers } from "../process/workers.ts";

/** Why an attempt is ended from outside; the reason of {@link KindContext.signal}. `isolated`: out of contact, so that another runner may take
 *  it over. `left`: this runner stops and can't wait any longer. */
export type EndReason = "timeout" | "cancel" | "isolated" | "left";

/** What is to be done. */
export interface Work {
  attempt: AttemptRef;
  definition: ActionDefinition;
  /** Secrets opened. */
  input: Record<string, unknown>;
  /** Names of inputs that are secret: their values must never be seen in a process list. */
  sealed: ReadonlySet<string>;
  /** The pack's configuration, or the instance of it that was asked for. */
  config: Readonly<Record<string, unknown>>;
  /** Where the pack version is unpacked. Shared and not to be written to. */
  folder: string;
  /** What came with the command, and where what the action leaves is looked for. */
  desk: Desk;
  timeoutMs: number;
}

/** What a kind works with. */
export interface KindContext {
  /** When it aborts, everything the action started has to be gone within the grace time; its result is then wrapped by why it was ended. */
  signal: AbortSignal;
  emit: (stream: "stdout" | "stderr" | "log", bytes: Buffer) => void;
  /** Replaces secrets. Whatever is taken apart (JSON, lines) is masked before. */
  mask(text: string): string;
  /** Answers what the action asks of the datastore. */
  kv: (ask: KvAsk) => Promise<KvAnswer>;
  keeper: Keeper;
  workers: Workers;
}

/** How it went, as far as the kind can say; `output` is what templates see as `execution.result`. */
export interface Result {
  status: "succeeded" | "failed";
  output?: unknown;
  problem?: ProblemData;
  /** Media types of files on its desk, where the action named them. */
  types?: Readonly<Record<string, string>>;
}

/** A kind of action (`runner_type` in YAML): a way to carry actions out. */
export interface Kind {
  readonly name: string;
  run(work: Work, context: KindContext): Promise<Result>;
}

export function endReason(signal: AbortSignal): EndReason | undefined {
  return signal.aborted ? (signal.reason as EndReason) : undefined;
}
