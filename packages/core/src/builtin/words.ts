import { parseAccess, type AccessWords } from "./access-words.ts";

/** A command that the engine answers by itself. */
export type Builtin =
  | { kind: "help"; filter?: string }
  | { kind: "status"; run?: string }
  | { kind: "cancel"; run?: string }
  | { kind: "pause"; run?: string }
  | { kind: "resume"; run?: string }
  | { kind: "more"; run?: string }
  | { kind: "claim"; code: string }
  | { kind: "schedules"; all: boolean }
  | { kind: "unschedule"; schedule: string }
  | { kind: "access"; words: AccessWords };

export const builtinHelp: readonly { display: string; description: string }[] = [
  { display: "help [WORD]", description: "what there is to say here" },
  { display: "status [RUN]", description: "what is running in this conversation" },
  { display: "cancel [RUN]", description: "stop your latest run here, or that one; ❌ on the command does the same" },
  { display: "pause [RUN]", description: "have your latest workflow here, or that one, begin nothing more for now" },
  { display: "resume [RUN]", description: "have it go on" },
  { display: "more [RUN]", description: "the next page of the last long answer, or of that run's" },
  {
    display: "answer ID KEY=VALUE",
    description: "answer what somebody asks you; the message that asks says the ID, and has buttons where there are any",
  },
  {
    display: "every monday 9:00 COMMAND",
    description:
      "run it then; also `every 15 minutes`, `every weekday at 8:00`, `in 10 minutes`, `at 17:00`, `tomorrow 9:00`, `on 2026-12-24 18:00`",
  },
  { display: "schedules", description: "what is scheduled here, and when it runs next" },
  { display: "unschedule ID", description: "end a schedule of yours" },
  { display: "why can't I COMMAND", description: "whether you may run it here, and what to ask an owner for" },
];

/** What there is for owners besides. */
export const ownersHelp: typeof builtinHelp = [
  {
    display: "allow WHO WHAT",
    description: "let a person, `everyone here` or `everyone` run `PACK.*`, `PACK.ACTION` or `alias:PACK.NAME`",
  },
  { display: "deny WHO WHAT", description: "take such a rule back" },
  { display: "access [changes | remove RULE]", description: "who may run what; who changed it; take a rule back by its number" },
  { display: "may WHO run COMMAND", description: "whether somebody may, and by which rule" },
];

/** Reads a built-in word, or undefined where the command is none. */
export function parseBuiltin(command: string): Builtin | undefined {
  const [word = "", ...rest] = command.trim().split(/\s+/);
  const [first] = rest;
  const said = word.toLowerCase();
  switch (said) {
    case "help":
      return { kind: "help", ...(first === undefined ? {} : { filter: rest.join(" ") }) };
    case "status":
    case "cancel":
    case "pause":
    case "resume":
      if (rest.length === 2 && /^cancel$/i.test(word) && /^schedule$/i.test(first ?? "")) return unschedule(rest.slice(1));
      if (rest.length > 1) return undefined;
      return {
        kind: said,
        ...(first === undefined ? {} : { run: first.replace(/^`|`$/g, "") }),
      };
    case "more":
      return more(rest);
    case "schedules":
      return rest.length > 1 || (first !== undefined && !/^all$/i.test(first))
        ? undefined
        : { kind: "schedules", all: first !== undefined };
    case "unschedule":
      return unschedule(rest);
    case "claim":
      return first === undefined ? undefined : { kind: "claim", code: rest.join(" ") };
    default: {
      const words = parseAccess(command);
      return words === undefined ? undefined : { kind: "access", words };
    }
  }
}

/** A pack may have a command that begins so: only what can name a run is one. */
function more([run, ...rest]: string[]): Builtin | undefined {
  if (run === undefined) return { kind: "more" };
  const id = run.replace(/^`|`$/g, "");
  return rest.length === 0 && /^[0-9A-HJKMNP-TV-Z]{6,26}$/i.test(id) ? { kind: "more", run: id } : undefined;
}

function unschedule([id, ...rest]: string[]): Builtin | undefined {
  return id === undefined || rest.length > 0 ? undefined : { kind: "unschedule", schedule: id.replace(/^`|`$/g, "") };
}
