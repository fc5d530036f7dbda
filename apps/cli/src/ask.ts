import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { messageIds, problem, subjects, type Address, type Person, type RunAsked, type Send } from "@bellhop/contracts";
import { commonConfig, createLog, type Env } from "@bellhop/service";
import { tellIfMissing } from "./nats/missing.ts";
import { hasColour, note, type ExitCode } from "./report.ts";
import { aborted, leave, stopSignal } from "./stop-signal.ts";
import { personHere } from "./terminal/adapter.ts";
import { renderMarkdown } from "./terminal/markdown.ts";
import { openSession, type Session } from "./terminal/session.ts";
import { runningIn } from "./up-lock.ts";

export interface AskOptions {
  json: boolean;
  /** Print live output as it comes, on standard error. */
  tail: boolean;
  /** Seconds to wait for the result; the run itself goes on. */
  timeout?: number;
}

/** What every ask from here says of itself. */
export interface Asking {
  v: 1;
  key: string;
  asker: Person;
  replyTo: Address;
  askedAt: string;
}

/** Asks the engine for something as whoever runs this process, waits for the answer and prints it.
 *  @param at.ask makes the ask
 *  @param at.action whose run it is, for people
 *  @throws Problem not_running, result_late */
export async function askFor(at: { env: Env; options: AskOptions; action: string; ask: (asking: Asking) => RunAsked }): Promise<ExitCode> {
  const { env, options } = at;
  const config = commonConfig(env, "cli");
  const { folder, durations } = config;
  if (env.NATS_URL === undefined && (await runningIn(folder)) === undefined) throw problem("not_running", { folder });

  const log = createLog({ name: "run", level: config.logLevel, destination: join(folder, "logs", "prompt.log") });
  const bus = await connectBus({ ...config.nats, name: "bellhop run", role: "cli", durations, log });
  try {
    tellIfMissing(bus);
    const left = leaving(options);
    const colour = hasColour(process.stdout);
    const show = (send: Send) => {
      if (!send.final) note(renderMarkdown(send.body.text, { colour: hasColour(process.stderr) }));
      else process.stdout.write(options.json ? `${resultJson(send)}\n` : `${renderMarkdown(send.body.text, { colour })}\n`);
    };
    const tooLate = left.then((why): never => {
      throw problem("not_asked", { action: at.action, why });
    });
    const opening = openSession({ bus, folder, durations, log, reader: "program", show, takeOver: false });
    const session = await Promise.race([opening, tooLate]);
    try {
      return await waitFor({ ...at, bus, session, left });
    } finally {
      await leave(session.close());
    }
  } finally {
    await leave(bus.drain());
  }
}

async function waitFor(at: {
  bus: Bus;
  session: Session;
  action: string;
  ask: (asking: Asking) => RunAsked;
  options: AskOptions;
  left: Promise<string>;
}): Promise<ExitCode> {
  const { bus, session, action, options } = at;
  const { address } = session;
  const key = `ask/${address.account}/${randomUUID()}`;
  const asked = at.ask({ v: 1, key, asker: personHere(), replyTo: address, askedAt: new Date().toISOString() });
  const { run } = asked;
  const tail = options.tail
    ? bus.hear(subjects.run.output, subjects.run.output.filter({ run }), ({ text }) => process.stderr.write(text))
    : undefined;
  try {
    const stored = session.expect(key, bus.publish(subjects.run.asked, asked, { id: messageIds.asked(key) }));
    const unasked = await Promise.race([stored, session.failed, at.left]);
    if (unasked !== undefined) throw problem("not_asked", { action, why: unasked });
    const why = await Promise.race([session.settled(), session.failed, at.left]);
    if (why !== undefined) throw problem("result_late", { run, action, why });
    return (session.finals.get(key)?.outcome ?? "ok") === "ok" ? 0 : 1;
  } finally {
    tail?.stop();
  }
}

function resultJson({ run, outcome = "ok", result, body }: Send): string {
  return JSON.stringify({
    run,
    outcome,
    ...(result === undefined ? {} : { result }),
    text: renderMarkdown(body.text, { colour: false }),
  });
}

/** Resolves with why nobody waits any longer. */
async function leaving({ timeout }: AskOptions): Promise<string> {
  const left = aborted(stopSignal()).then(() => "you left");
  if (timeout === undefined) return await left;
  const late = new Promise<string>((resolve) => {
    setTimeout(() => resolve(`${timeout} s are over`), timeout * 1000).unref();
  });
  return await Promise.race([left, late]);
}
