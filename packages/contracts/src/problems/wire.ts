import type { Wording } from "./wording.ts";

/** What travels: messages, events, dead letters, and the platforms at the end. */
export const wireProblems = {
  message_too_large: {
    message: "{subject} carries {bytes} bytes, {limit} are allowed; the largest field is {field} with {fieldBytes}.",
    hint: "Put large values into the object store and send their reference.",
    retry: false,
  },
  message_invalid: {
    message: "A message on {subject} can't be read: {why}",
    hint: "It lies in the dead letters as {subject}.",
    retry: false,
  },
  api_denied: {
    message: "The API key {key} may not send {what}.",
    hint: "Make one with that scope: `bellhop api-key create NAME --scope {what}`.",
    retry: false,
  },
  event_unknown: {
    message: "There is no event {event}.",
    hint: "`bellhop event list` shows the latest ones; logs keep them for 30 days.",
    retry: false,
  },
  event_undecided: {
    message: "Event {event} is stored, but nobody decided on it within {seconds} s.",
    hint: "It waits for an engine. `bellhop doctor` looks for what is missing; `bellhop event show {event}` shows what became of it.",
    retry: false,
  },
  dead_unknown: { message: "There is no dead letter {number}.", hint: "{which}", retry: false },
  dead_kept: { message: "Dead letter {number} can't be replayed: {why}.", hint: "{next}", retry: false },
  dead_untold: {
    message: "An answer can't be shown here: {why}",
    hint: "It lies in the dead letters (`bellhop dead list`){run}.",
    retry: false,
  },
  version_newer: {
    message: "A message on {subject} is of version {found}; this program reads up to {known}.",
    hint: "A newer Bellhop wrote it. Upgrade this process; the message waits.",
    retry: true,
  },
  send_refused: { message: "{platform} refused a message: {why}", hint: "{suggestion}", retry: false },
  platform_unavailable: { message: "{platform} can't be reached: {why}", hint: "It is tried again.", retry: true },
  spool_unavailable: {
    message: "NATS can't be reached, and what is heard can't be kept on this disk: {why}",
    hint: "Bring NATS back. Chats that tell us again are told that we do not have it; what others said is lost.",
    retry: true,
  },
  internal: {
    message: "Something went wrong inside Bellhop: {why}",
    hint: "The log has the details under run {run}. Asking again may help.",
    retry: false,
  },
} as const satisfies Record<string, Wording>;
