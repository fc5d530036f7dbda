import { isFields, type RunAsked } from "@bellhop/contracts";
import { askedFields } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { askFor, type AskOptions } from "../ask.ts";
import { UsageError, type ExitCode } from "../report.ts";
import { withBus } from "../with-bus.ts";
import { nameInquiry } from "./open.ts";

/** `bellhop inquiry answer`: says it as whoever runs this process, and waits to hear what came of it.
 *  @throws Problem inquiry_unknown, press_several */
export async function inquiryAnswer(
  name: string,
  pairs: readonly string[],
  options: Omit<AskOptions, "tail"> & { response?: string },
  env: Env,
): Promise<ExitCode> {
  const { run, task, attempt, inquiry, press } = await withBus(env, "bellhop inquiry answer", (bus) => nameInquiry(bus, name));
  const given = readPairs(pairs);
  const response = { ...(options.response === undefined ? {} : readJson(options.response)), ...given };
  if (Object.keys(response).length === 0 && Object.keys(askedFields(inquiry.asks)).length > 0) {
    throw new UsageError(
      `Say what the answer is: KEY=VALUE, or --response JSON. bellhop inquiry show ${press.id.slice(0, 4)} lists the fields.`,
    );
  }
  const ask = (asking: Omit<Extract<RunAsked, { kind: "answer" }>, "kind" | "run" | "task" | "attempt" | "response">): RunAsked => ({
    ...asking,
    v: 2,
    kind: "answer",
    run,
    task,
    attempt,
    response,
  });
  return await askFor({ env, options: { ...options, tail: false }, action: inquiry.action, ask });
}

function readPairs(pairs: readonly string[]): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw new UsageError(`${pair} is no KEY=VALUE.`);
    read[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return read;
}

function readJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
  } catch {
    // Said below.
  }
  throw new UsageError("--response takes one JSON object.");
}
