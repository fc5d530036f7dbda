import type { z } from "zod";
import type { Action, ActionLog, InputShape } from "./action.ts";
import { carryOut } from "./host.ts";

type InputGiven<Input extends InputShape | z.ZodObject> = Input extends z.ZodObject
  ? z.input<Input>
  : Input extends z.core.$ZodLooseShape
    ? z.input<z.ZodObject<Input>>
    : never;

/** Runs an action as a runner does: input and output are checked. Resolves to the output. Rejects with a Problem (`parameter_missing`,
 *  `parameter_invalid`, `output_invalid`) or with whatever the action threw, e.g. its {@link ActionFailed}.
 *  @param options.log gets what the action writes to its log; absent: nobody does */
export async function runAction<Input extends InputShape | z.ZodObject, Output extends z.ZodType>(
  definition: Action<Input, Output>,
  input: InputGiven<Input>,
  options: { config?: Record<string, unknown>; signal?: AbortSignal; log?: ActionLog } = {},
): Promise<z.output<Output>> {
  const signal = options.signal ?? new AbortController().signal;
  const given = input as Record<string, unknown>;
  const output = await carryOut(definition, {
    action: "test.action",
    input: given,
    config: options.config,
    log: options.log ?? silent,
    signal,
  });
  return output as z.output<Output>;
}

const silent: ActionLog = { debug() {}, info() {}, warn() {}, error() {} };
