import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { connectBus, type Bus } from "@bellhop/bus";
import { createLog, type CommonConfig } from "@bellhop/service";
import { tellIfMissing } from "./nats/missing.ts";
import { divertNotes, hasColour, note, type ExitCode } from "./report.ts";
import { aborted, leave } from "./stop-signal.ts";
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
  // Nobody is there any more to take leave of, and a person waits for the end.
  const gone = failed.catch(() => {});
  try {
    tellIfMissing(bus);
    const prompt = await choosePrompt({ folder, json, bus });
    const options: SessionOptions = {
      bus,
      folder,
      durations,
      log,
      reader: prompt.reader,
      show: prompt.show,
      print: prompt.print,
      takeOver: true,
    };
    const session = await Promise.race([openSession(options), failed, aborted(stop)]);
    if (session === undefined) return { kind: "done", code: 1 };
    try {
      if (mayJoin !== undefined && !(await mayJoin())) return { kind: "not-joined" };
      const stopped = aborted(stop).then(() => prompt.stopped(session));
      welcome?.then(prompt.welcome, () => {});
      const code = await Promise.race([prompt.run(session), stopped, failed, session.failed]);
      return { kind: "done", code };
    } finally {
      await Promise.race([leave(session.close()), gone]);
    }
  } finally {
    await Promise.race([leave(bus.drain()), gone]);
  }
}

interface AnyPrompt {
  reader: SessionOptions["reader"];
  show: SessionOptions["show"];
  print?: SessionOptions["print"];
  welcome: (text: string) => void;
  run(session: Session): Promise<ExitCode>;
  /** Leaves before the input has ended. */
  stopped(session: Session): ExitCode;
}

async function choosePrompt({ folder, json, bus }: { folder: string; json: boolean; bus: Bus }): Promise<AnyPrompt> {
  const { stdin, stdout } = process;
  if (json || !stdin.isTTY || !stdout.isTTY) {
    const prompt = pipedPrompt({ input: stdin, output: stdout, notes: note, json });
    return { ...prompt, reader: "program", welcome: () => {}, stopped: (session) => (session.open.size === 0 ? 0 : 1) };
  }
  const history = await openHistory(join(folder, "history"));
  const prompt = typedPrompt({ input: stdin, output: stdout, history, colour: hasColour(stdout), commands: knownCommands(bus) });
  return {
    reader: "person",
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

/** Read when somebody first wants to know, and again after a while: packs come and go. The prompt hears nothing until it is answered, Ctrl-C neither, so that
 *  it is given up soon where NATS is away. */
function knownCommands(bus: Bus): () => Promise<readonly string[]> {
  let read: { commands: Promise<readonly string[]>; at: number } | undefined;
  return () => {
    if (read === undefined || performance.now() - read.at > 10_000) {
      read = { commands: import("./terminal/commands-here.ts").then(({ commandsHere }) => commandsHere(bus)), at: performance.now() };
    }
    return Promise.race([read.commands, setTimeout(1_000, [], { ref: false })]);
  };
}
