/** A command that the engine answers by itself. */
export type Builtin =
  | { kind: "help"; filter?: string }
  | { kind: "status"; run?: string }
  | { kind: "cancel"; run?: string }
  | { kind: "claim"; code: string };

export const builtinHelp: readonly { display: string; description: string }[] = [
  { display: "help [WORD]", description: "what there is to say here" },
  { display: "status [RUN]", description: "what is running in this conversation" },
  { display: "cancel [RUN]", description: "stop your latest run here, or that one" },
];

/** Reads a built-in word, or undefined where the command is none. */
export function parseBuiltin(command: string): Builtin | undefined {
  const [word = "", ...rest] = command.trim().split(/\s+/);
  const [first] = rest;
  switch (word.toLowerCase()) {
    case "help":
      return { kind: "help", ...(first === undefined ? {} : { filter: rest.join(" ") }) };
    case "status":
    case "cancel":
      if (rest.length > 1) return undefined;
      return { kind: word.toLowerCase() as "status" | "cancel", ...(first === undefined ? {} : { run: first.replace(/^`|`$/g, "") }) };
    case "claim":
      return first === undefined ? undefined : { kind: "claim", code: rest.join(" ") };
    default:
      return undefined;
  }
}
