import type { z } from "zod";
import type { ActionSpec, Action, InputShape } from "./action.ts";

type InputGiven<Input extends InputShape | z.ZodObject> = Input extends z.ZodObject
  ? z.input<Input>
  : Input extends z.core.$ZodLooseShape
    ? z.input<z.ZodObject<Input>>
    : never;

/** Runs an action as a runner does: input and output are checked. Resolves to the output; rejects with a Problem (or {@link ActionFailed},
 *  as it was thrown) when the run would have failed. */
export async function runAction<Input extends InputShape | z.ZodObject, Output extends z.ZodType>(
  definition: Action<Input, Output>,
  input: InputGiven<Input>,
  options: { config?: Record<string, unknown>; signal?: AbortSignal } = {},
): Promise<z.output<Output>> {
  void input;
  void options;
  const spec: ActionSpec<Input, Output> = definition.spec;
  throw new Error(`${spec.description} can't be run yet`);
}
