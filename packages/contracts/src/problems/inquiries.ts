import type { Wording } from "./wording.ts";

/** What people are asked, and what they press. */
export const inquiryProblems = {
  inquiry_over: { message: "{why}", hint: "It can't be answered any more: nothing was changed.", retry: false },
  inquiry_late: {
    message: "{action} was not answered in {time}.",
    hint: "Run it again, with a longer ttl (minutes) if people need more time.",
    retry: false,
  },
  inquiry_unknown: {
    message: "Nothing that waits for an answer is called {id}.",
    hint: "`bellhop inquiry list` lists what waits.",
    retry: false,
  },
  inquiry_none: { message: "Run {run} asks nothing now.", hint: "`bellhop inquiry list` shows what waits for an answer.", retry: false },
  inquiry_several: {
    message: "Run {run} asks several things now: {tasks}.",
    hint: "Answer one of them by its own words, or say which: `answer {run}/TASK key=value`.",
    retry: false,
  },
  rehearsal_stray: {
    message: "Nothing of {task} {what}: {out}.",
    hint: "A script names what is out by its task, and an item of it as TASK#0.",
    retry: false,
  },
  press_unknown: {
    message: "Nobody knows any more what this stands for.",
    hint: "It is too old. `status` shows what is running.",
    retry: false,
  },
  press_several: {
    message: "{code} stands for several things.",
    hint: "Say which: {ids}.",
    retry: false,
  },
  press_words: { message: '{code} can\'t be answered by "{word}".', hint: "It takes {words}.", retry: false },
} as const satisfies Record<string, Wording>;
