import { runId, shardOfKey } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { askFor, type AskOptions } from "./ask.ts";
import { UsageError, type ExitCode } from "./report.ts";

/** `bellhop run PACK.ACTION k=v …`: asks for one run and waits for its result. */
export async function run(
  action: string,
  pairs: readonly string[],
  options: AskOptions & { config?: string },
  env: Env,
): Promise<ExitCode> {
  const input = parsePairs(pairs);
  if (!/^[\w-]+\.[\w.-]+$/.test(action)) throw new UsageError(`${action} is no action: expected PACK.ACTION, e.g. core.echo.`);
  return await askFor({
    env,
    options,
    action,
    ask: (asking) => ({
      ...asking,
      kind: "start",
      run: runId({ key: asking.key, at: asking.askedAt, shard: shardOfKey(asking.key) }),
      action,
      input,
      ...(options.config === undefined ? {} : { config: options.config }),
    }),
  });
}

/** `k=v` as given; the action's own definition says what type each has. `k=` is the empty text.
 *  @throws UsageError for anything else */
export function parsePairs(pairs: readonly string[]): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [, name, value] = /^([A-Za-z_][\w-]*)=([^]*)$/.exec(pair) ?? [];
    if (name === undefined) throw new UsageError(`"${pair}" is no parameter: expected NAME=VALUE.`);
    if (Object.hasOwn(input, name)) throw new UsageError(`${name} is given twice.`);
    input[name] = value;
  }
  return input;
}
