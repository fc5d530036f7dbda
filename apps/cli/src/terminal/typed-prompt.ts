import { clearScreenDown, createInterface, cursorTo, moveCursor, type Interface } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import { styleText } from "node:util";
import { toProblem } from "@bellhop/contracts";
import { completions } from "./completion.ts";
import type { History } from "./history.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Session, Show } from "./session.ts";

export interface TypedPrompt {
  show: Show;
  /** A line above the prompt that is no reply. */
  note: (text: string) => void;
  /** Says what is typed until the person leaves (Ctrl-D) or `close` is called. */
  run(session: Session): Promise<void>;
  close(): void;
}

/** A prompt on a terminal: replies appear above the line that is being typed.
 *  @param at.commands what Tab completes, as help shows it */
export function typedPrompt(at: {
  input: ReadStream;
  output: WriteStream;
  history: History;
  colour: boolean;
  commands: () => Promise<readonly string[]>;
}): TypedPrompt {
  const { input, output, history, colour, commands } = at;
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  const tones = { info: "none", ok: "none", warn: "yellow", error: "red" } as const;
  let lines: Interface | undefined;
  const above = (text: string) => {
    if (lines === undefined) {
      output.write(`${text}\n`);
      return;
    }
    moveCursor(output, 0, -lines.getCursorPos().rows);
    cursorTo(output, 0);
    clearScreenDown(output);
    output.write(`${text}\n`);
    lines.prompt(true);
  };
  return {
    show(send, { from }) {
      const body = renderMarkdown(send.body.text, { colour });
      const tone = tones[send.body.tone];
      const text = tone === "none" ? body : `${paint(tone, "▌")} ${body}`;
      above(`${from === "an earlier prompt" ? paint("dim", "(for an earlier prompt) ") : ""}${send.final ? text : paint("dim", body)}`);
    },
    note: (text) => above(paint("dim", text)),
    async run(session) {
      lines = createInterface({
        input,
        output,
        terminal: true,
        prompt: paint("bold", "bellhop> "),
        history: history.lines,
        historySize: 500,
        removeHistoryDuplicates: true,
        completer: (line: string, done: (error: null, found: [string[], string]) => void) => {
          commands().then(
            (known) => done(null, [completions(line, known), line]),
            // What can't be read now completes nothing.
            () => done(null, [[], line]),
          );
        },
      });
      const reader = lines;
      reader.on("line", (line) => {
        if (line.trim() !== "") {
          history.add(line);
          session.say(line).catch((error: unknown) => above(paint("red", toProblem(error).message)));
        }
        reader.prompt();
      });
      // In raw mode Ctrl-C is a character: as in a shell it drops the line, and where there is none it means what it means elsewhere.
      reader.on("SIGINT", () => {
        if (reader.line === "") process.kill(process.pid, "SIGINT");
        else {
          output.write("^C\n");
          reader.write(null, { ctrl: true, name: "e" });
          reader.write(null, { ctrl: true, name: "u" });
          reader.prompt();
        }
      });
      reader.prompt();
      await new Promise<void>((resolve) => reader.once("close", () => resolve()));
      lines = undefined;
      output.write("\n");
    },
    close: () => lines?.close(),
  };
}
