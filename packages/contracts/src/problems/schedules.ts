import type { Wording } from "./wording.ts";

/** Commands that are to be run later. */
export const scheduleProblems = {
  schedule_unread: {
    message: '"{text}" can\'t be scheduled: {why}.',
    hint: "Say e.g. every monday 9:00 COMMAND, or in 10 minutes COMMAND.",
    retry: false,
  },
  schedule_lacks: {
    message: "{action} lacks {parameters}, and nobody is there to be asked when it is due.",
    hint: "Say all that it needs when you schedule it.",
    retry: false,
  },
  schedule_secret: {
    message: "A command that says a secret ({parameter} of {action}) can't be scheduled.",
    hint: "It would be kept, and listed. Have the pack's configuration hold the secret.",
    retry: false,
  },
  schedules_many: {
    message: "There are {count} schedules of {who} already.",
    hint: "`schedules` lists them, `unschedule ID` ends one.",
    retry: false,
  },
  schedules_private: {
    message: "All schedules are listed for owners alone.",
    hint: "Ask me in private; `schedules` lists what is here.",
    retry: false,
  },
  schedule_unknown: { message: "There is no schedule {schedule} here.", hint: "`schedules` lists them.", retry: false },
  schedule_denied: {
    message: "{person} may not end schedule {schedule}.",
    hint: "Only {asker} may, who asked for it, and owners.",
    retry: false,
  },
} as const satisfies Record<string, Wording>;
