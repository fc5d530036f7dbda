import { join } from "node:path";
import { connectBus } from "@bellhop/bus";
import { createLog, type CommonConfig } from "@bellhop/service";
import { tellIfMissing } from "./nats/missing.ts";
import { divertNotes, hasColour, note, type ExitCode } from "./report.ts";
import { aborted } from "./stop-signal.ts";
import { openHistory } from "./terminal/history.ts";
import { pipedPrompt } from "./terminal/piped-prompt.ts";
import { openSession, type Session, type SessionOptions } from "./terminal/session.ts";
import { typedPrompt } from "./terminal/typed-prompt.ts";

export type Left =
  /** The input ended, or the person left. */
  | { kind: "done"; code: ExitCode }
  /** Nothing was asked: what was to be joined is going. */
  | { kind: "not-joined" };

export interface PromptOptions {
  config: CommonConfig;
  /** Whether replies are printed as objects, for programs: then it is no prompt for typing. */
  json: boolean;
  /** Rejects when what the prompt talks to is gone for good. */
  failed: Promise<never>;
  /** Aborted when everything is to stop. */
  stop: AbortSignal;
  /** Looked at once the prompt counts as somebody who is there. */
  mayJoin?: () => Promise<boolean>;
  /** Shown to a person when the prompt opens, or when it is known. */
  welcome?: Promise<string>;
}

/** Opens a prompt on this terminal, or on what is piped into it, until its input ends. */
export async function openPrompt({ config, json, failed, stop, mayJoin, welcome }: PromptOptions): Promise<Left> {
  const { folder, durations } = config;
  const log = createLog({ name: "prompt", level: config.logLevel, destination: join(folder, "logs", "prompt.log") });
  const bus = await Promise.race([connectBus({ ...config.nats, name: "bellhop prompt", role: "cli", durations, log }), failed]);
  try {
    tellIfMissing(bus);
    const prompt = await choosePrompt(folder, json);
    const options: SessionOptions = { bus, folder, durations, log, show: prompt.show, print: prompt.print, takeOver: true };
    const session = await Promise.race([openSession(options), failed]);
    try {
      if (mayJoin !== undefined && !(await mayJoin())) return { kind: "not-joined" };
      const stopped = aborted(stop).then(() => prompt.stopped(session));
      welcome?.then(prompt.welcome, () => {});
      const code = await Promise.race([prompt.run(session), stopped, failed, session.failed]);
      return { kind: "done", code };
    } finally {
      await session.close();
    }
  } finally {
    await bus.drain();
  }
}

interface AnyPrompt {
  show: SessionOptions["show"];
  print?: SessionOptions["print"];
  welcome: (text: string) => void;
  run(session: Session): Promise<ExitCode>;
  /** Leaves before the input has ended. */
  stopped(session: Session): ExitCode;
}

async function choosePrompt(folder: string, json: boolean): Promise<AnyPrompt> {
  const { stdin, stdout } = process;
  if (json || !stdin.isTTY || !stdout.isTTY) {
    const prompt = pipedPrompt({ input: stdin, output: stdout, notes: note, json });
    return { ...prompt, welcome: () => {}, stopped: (session) => (session.open.size === 0 ? 0 : 1) };
  }
  const history = await openHistory(join(folder, "history"));
  const prompt = typedPrompt({ input: stdin, output: stdout, history, colour: hasColour(stdout) });
  return {
    show: prompt.show,
    print: prompt.note,
    welcome: prompt.note,
    async run(session) {
      const giveBack = divertNotes(prompt.note);
      try {
        await prompt.run(session);
      } finally {
        giveBack();
      }
      const { size } = session.open;
      if (size > 0) note(`${size === 1 ? "One reply is" : `${size} replies are`} still to come, and shown at the next prompt.`);
      return 0;
    },
    stopped() {
      prompt.close();
      return 0;
    },
  };
}
