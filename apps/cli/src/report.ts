import { styleText } from "node:util";
import { toProblem, type ProblemData } from "@bellhop/contracts";

/** Whether text to this stream may carry colours: a terminal that has them, and nobody asked for none (Node itself looks at NO_COLOR). */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && stream.hasColors();
}

/** Codes for whoever started us: 0 all went well, 1 a command failed, 2 it was called or configured wrongly, 3 it found something to do (`nats plan`). */
export type ExitCode = 0 | 1 | 2 | 3;

/** Where a command line leaves its exit code. */
export type Done = (code: ExitCode) => void;

/** Something wrong with how the program was called. */
export class UsageError extends Error {
  /** Absent: the help of the command that was called. */
  readonly hint: string | undefined;

  constructor(message: string, { hint, ...options }: ErrorOptions & { hint?: string } = {}) {
    super(message, options);
    this.hint = hint;
  }
}

/** Something was named that is not there: the words were right, and elsewhere, or at another time, it may be. */
export class NotThere extends UsageError {}

/** Something was named that is there, and not for whoever asks: they, or another place, may have it. */
export class NotAllowed extends UsageError {}

/** Tells a failure once, at the edge: for people on standard error, with `json` as one object on standard output. Answers the exit code.
 *  @param options.command what was called, as `rule list` */
export function reportFailure(error: unknown, options: { json: boolean; command?: string }): ExitCode {
  const data = error instanceof UsageError ? usage(error, options.command) : shown(toProblem(error).data);
  if (options.json) process.stdout.write(`${failureJson(data)}\n`);
  else note(failureText(data, hasColour(process.stderr)));
  return data.code === "usage" || data.code === "config_invalid" ? 2 : 1;
}

function failureJson({ code, message, hint }: ProblemData): string {
  return JSON.stringify({ error: { code, message, hint } });
}

export function failureText({ message, hint }: ProblemData, colour: boolean): string {
  const paint = (format: "red" | "dim", text: string) => (colour ? styleText(format, text, { validateStream: false }) : text);
  return hint === "" ? paint("red", message) : `${paint("red", message)}\n${paint("dim", hint.replace(/^/gm, "  "))}`;
}

/** A line for the person at the terminal. Standard output belongs to replies and results. */
export function note(text: string): void {
  notes(text);
}

/** Where notes go: an open prompt shows them above itself. Answers how to give it back. */
export function divertNotes(to: (text: string) => void): () => void {
  notes = to;
  return () => {
    notes = writeNote;
  };
}

let notes: (text: string) => void = writeNote;

function writeNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

function usage(error: UsageError, command = ""): ProblemData {
  const { message, hint = `\`bellhop ${`${command} --help`.trim()}\` lists what there is.` } = error;
  const code = error instanceof NotThere ? "not_there" : error instanceof NotAllowed ? "not_allowed" : "usage";
  return { code, message, hint, retry: false };
}

/** Of a command that ended here no log has more, and no run. */
function shown(data: ProblemData): ProblemData {
  return data.code === "internal" ? { ...data, hint: "Asking again may help; `bellhop doctor` says what is in the way here." } : data;
}
