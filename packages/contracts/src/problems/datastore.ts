import type { Wording } from "./wording.ts";

/** Values that packs and people keep. */
export const datastoreProblems = {
  kv_too_large: {
    message: "What is to be kept as {name} has {bytes} bytes.",
    hint: "The datastore takes {most} bytes for each value: keep larger things in files or a database, and where they are here.",
    retry: false,
  },
  kv_busy: {
    message: "{name} was changed by others each time that it was to be set.",
    hint: "Try again in a moment.",
    retry: true,
  },
  kv_refused: { message: "{why}", hint: "{next}", retry: false },
} as const satisfies Record<string, Wording>;
