import type { Wording } from "./wording.ts";

/** What somebody says in a chat, and what it lacks. */
export const commandProblems = {
  alias_unknown: { message: 'No command fits "{text}".', hint: "{suggestion}", retry: false },
  alias_several: {
    message: '"{text}" calls {alias} {times} times, and a message runs {most} at most.',
    hint: "Say them in several messages.",
    retry: false,
  },
  alias_several_large: {
    message: "What is given to {alias} is too much for one message that calls it several times.",
    hint: "Say them in several messages.",
    retry: false,
  },
  alias_incomplete: { message: '"{text}" lacks something.', hint: "Say `{display}` in full.", retry: false },
  alias_ambiguous: { message: '"{text}" fits {candidates}.', hint: 'Say more of the command, e.g. "{example}".', retry: false },
  room_unknown: { message: '"{room}" names no room that something can be said in.', hint: "{suggestion}", retry: false },
  sender_missing: { message: "Nothing can be said on {who} now.", hint: "{suggestion}", retry: false },
  action_unknown: { message: "There is no action {action}.", hint: "{suggestion}", retry: false },
  action_disabled: { message: "{action} is switched off.", hint: "Set enabled: true in its definition, at {place}.", retry: false },
  kind_unknown: {
    message: "{action} is of the kind {kind}, which no runner here can carry out.",
    hint: "Kinds there are: {kinds}.",
    retry: false,
  },
  parameter_unknown: { message: "{action} has no parameter {parameter}.", hint: "{suggestion}", retry: false },
  parameter_missing: { message: "{action} needs {parameter}.", hint: "Say it as {parameter}=VALUE. {description}", retry: false },
  parameter_private: {
    message: "{action} needs {parameter}, which is a secret and is asked for in private only.",
    hint: "Say the command to me in a direct message.",
    retry: false,
  },
  question_gone: { message: "{alias} has changed since it was asked about.", hint: "Say the command again.", retry: false },
  parameter_invalid: { message: "{parameter} of {action} can't be {found}.", hint: "It takes {expected}.", retry: false },
  parameter_immutable: { message: "{parameter} of {action} is fixed and can't be given.", hint: "Leave {parameter} out.", retry: false },
  payload_unfit: {
    message: "What {action} says does not fit {trigger}: {why}.",
    hint: "Its schema is at {place}; `engine.checkTriggers` of bellhop.yaml says whether that counts.",
    retry: false,
  },
  parameter_template: {
    message: "The default of {parameter} of {action} ({place}) can't be filled in: {why}.",
    hint: "{suggestion}",
    retry: false,
  },
  page_gone: {
    message: "What is left of this answer is not kept any more.",
    hint: "Run the command again.",
    retry: false,
  },
} as const satisfies Record<string, Wording>;
