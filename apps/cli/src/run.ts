import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { messageIds, problem, runId, shardOfKey, subjects, type RunAsked, type Send } from "@bellhop/contracts";
import { commonConfig, createLog, type Env } from "@bellhop/service";
import { hasColour, note, UsageError, type ExitCode } from "./report.ts";
import { aborted, stopSignal } from "./stop-signal.ts";
import { personHere } from "./terminal/adapter.ts";
import { renderMarkdown } from "./terminal/markdown.ts";
import { openSession, type Session } from "./terminal/session.ts";
import { runningIn } from "./up-lock.ts";

export interface RunOptions {
  json: boolean;
  /** Print live output as it comes, on standard error. */
  tail: boolean;
  /** Seconds to wait for the result; the run itself goes on. */
  timeout?: number;
}

/** `bellhop run PACK.ACTION k=v …`: asks for one run and waits for its result. */
export async function run(action: string, pairs: readonly string[], options: RunOptions, env: Env): Promise<ExitCode> {
  const input = parsePairs(pairs);
  if (!/^[\w-]+\.[\w.-]+$/.test(action)) throw new UsageError(`${action} is no action: expected PACK.ACTION, e.g. core.echo.`);
  const config = commonConfig(env, "cli");
  const { folder, durations } = config;
  if (env.NATS_URL === undefined && (await runningIn(folder)) === undefined) throw problem("not_running", { folder });

  const log = createLog({ name: "run", level: config.logLevel, destination: join(folder, "logs", "prompt.log") });
  const bus = await connectBus({ ...config.nats, name: "bellhop run", role: "cli", durations, log });
  try {
    const stop = stopSignal();
    const colour = hasColour(process.stdout);
    const show = (send: Send) => {
      if (!send.final) note(renderMarkdown(send.body.text, { colour: hasColour(process.stderr) }));
      else process.stdout.write(options.json ? `${resultJson(send)}\n` : `${renderMarkdown(send.body.text, { colour })}\n`);
    };
    const session = await openSession({ bus, folder, durations, log, show, takeOver: false });
    try {
      return await ask({ bus, session, action, input, options, stop });
    } finally {
      await session.close();
    }
  } finally {
    await bus.drain();
  }
}

async function ask(at: {
  bus: Bus;
  session: Session;
  action: string;
  input: Record<string, unknown>;
  options: RunOptions;
  stop: AbortSignal;
}): Promise<ExitCode> {
  const { bus, session, action, input, options, stop } = at;
  const key = `ask/${session.address.account}/${randomUUID()}`;
  const askedAt = new Date().toISOString();
  const id = runId({ key, at: askedAt, shard: shardOfKey(key) });
  const asked: RunAsked = { v: 1, kind: "start", key, run: id, action, input, asker: personHere(), replyTo: session.address, askedAt };
  const tail = options.tail
    ? bus.hear(subjects.run.output, subjects.run.output.filter({ run: id }), ({ text }) => process.stderr.write(text))
    : undefined;
  try {
    await session.expect(key, bus.publish(subjects.run.asked, asked, { id: messageIds.asked(key) }));
    const left = await Promise.race([
      session.settled().then(() => "settled" as const),
      session.failed,
      aborted(stop).then(() => "stopped" as const),
      ...(options.timeout === undefined ? [] : [after(options.timeout * 1000)]),
    ]);
    if (left === "settled") return (session.finals.get(key)?.outcome ?? "ok") === "ok" ? 0 : 1;
    const why = left === "late" ? `${options.timeout} s are over` : "you left";
    throw problem("result_late", { run: id, action, why });
  } finally {
    tail?.stop();
  }
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

function resultJson({ run: id, outcome = "ok", result, body }: Send): string {
  return JSON.stringify({
    run: id,
    outcome,
    ...(result === undefined ? {} : { result }),
    text: renderMarkdown(body.text, { colour: false }),
  });
}

function after(ms: number): Promise<"late"> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("late"), ms).unref();
  });
}
