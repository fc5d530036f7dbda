import { traceOfRun, type Command, type Run } from "@bellhop/contracts";

/** What a step of a run wants done, in the run's trace: where a key or what is answered tells the trace, it is not said again. */
export function inTraceOf(run: Pick<Run, "answers" | "trace">, commands: readonly Command[]): Command[] {
  // Most steps need none, and it is a hash.
  let known = run.trace;
  const trace = () => (known ??= traceOfRun(run));
  return commands.map((command): Command => {
    switch (command.kind) {
      case "request":
        return run.trace === undefined ? command : { ...command, request: { ...command.request, trace: run.trace } };
      case "fire":
        return { ...command, event: { ...command.event, trace: trace() } };
      case "ask":
        return command.ask.kind === "gate" ? command : { ...command, ask: { ...command.ask, trace: trace() } };
      case "send": {
        const { answers } = command.send;
        // Whoever asked something of the run in the meantime is answered in a trace of their own.
        const isOwn = answers === undefined || (answers === run.answers && run.trace !== undefined);
        return isOwn ? { ...command, send: { ...command.send, trace: trace() } } : command;
      }
      case "question":
      case "press":
      case "cancel":
      case "finish":
      case "timer":
      case "clear-timer":
      case "schedule":
      case "unschedule":
      case "enter":
      case "leave":
        return command;
    }
  });
}
