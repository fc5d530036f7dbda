import { createInterface } from "node:readline/promises";
import { toProblem } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { failureText, hasColour, note, UsageError, type ExitCode } from "../report.ts";
import { withBus } from "../with-bus.ts";
import { checkChosen, letterOf, numbersOf, type Chosen } from "./letters.ts";

/** `bellhop dead drop N…`: takes dead letters away for good, once somebody has said yes. 1 where one is not there, or nobody did. */
export async function deadDrop(given: readonly string[], options: Chosen & { yes: boolean; json: boolean }, env: Env): Promise<ExitCode> {
  checkChosen(given, options);
  const asks = process.stdin.isTTY && process.stderr.isTTY && !options.json;
  if (!options.yes && !asks) throw new UsageError("Dead letters are dropped for good: say so with --yes.");
  return withBus(env, "bellhop dead drop", async (bus) => {
    const numbers = await numbersOf(bus, given, options);
    if (!options.yes && numbers.length > 0 && !(await isSure(numbers))) return 1;
    const dropped: number[] = [];
    const unknown: number[] = [];
    for (const number of numbers) {
      if (await bus.dead.drop(number)) dropped.push(number);
      else unknown.push(number);
    }
    if (options.json) process.stdout.write(`${JSON.stringify({ dropped, unknown })}\n`);
    else {
      if (dropped.length > 0) process.stdout.write(`dropped ${dropped.join(", ")}\n`);
      if (numbers.length === 0) note("There are no dead letters.");
      for (const number of unknown) {
        await letterOf(bus, number).catch((error: unknown) => note(failureText(toProblem(error).data, hasColour(process.stderr))));
      }
    }
    return unknown.length === 0 ? 0 : 1;
  });
}

async function isSure(numbers: readonly number[]): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const what = numbers.length === 1 ? `dead letter ${numbers[0]}` : `${numbers.length} dead letters`;
    return /^y(es)?$/i.test((await terminal.question(`Drop ${what} for good? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
