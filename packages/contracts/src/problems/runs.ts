import type { Wording } from "./wording.ts";

/** What becomes of a run, of its words and of its result. */
export const runProblems = {
  run_unknown: { message: "There is no run {run}.", hint: "`status` lists the runs of this conversation.", retry: false },
  run_unremembered: {
    message: "No run {run} is remembered here.",
    hint: "`bellhop runs list` shows what is; the last six characters of an id are enough. A run of the last moments may take a second to appear.",
    retry: false,
  },
  run_ambiguous: { message: "{run} ends the ids of several runs: {candidates}.", hint: "Give more of the id.", retry: false },
  history_unavailable: {
    message: "The history at {where} can't be used: {why}",
    hint: "Commands go on without it. Look whether the database runs, its address is right and the disk has room; what was missed is read from the log.",
    retry: true,
  },
  history_newer: {
    message: "The history at {where} was written by a newer Bellhop.",
    hint: "Upgrade this one; the history is not touched until then.",
    retry: true,
  },
  edit_late: {
    message: "Run {run} of {action} goes by the words as they were first written: it {state}.",
    hint: "To run the new words, send them as a message of their own.",
    retry: false,
  },
  edit_late_several: {
    message: "What {action} was asked for goes by the words as they were first written: it has been begun.",
    hint: "To run the new words, send them as a message of their own.",
    retry: false,
  },
  edit_old: {
    message: "This message is too old to tell whether it was run as it was first written.",
    hint: "To run it, send it as a message of its own.",
    retry: false,
  },
  run_over: { message: "Run {run} is already over: {status}.", hint: "Nothing is left to cancel.", retry: false },
  run_not_over: { message: "Run {run} is not over yet: {status}.", hint: "What it came to can be posted when it is.", retry: false },
  run_not_paused: {
    message: "{action} can't {asked}: {why} (run {run}).",
    hint: "Only workflows pause, while they run, and go on once they are paused. `status {run}` says how it stands.",
    retry: false,
  },
  run_not_again: { message: "Run {run} can't be run again so: {why}.", hint: "`bellhop runs show {run}` lists its tasks.", retry: false },
  workflow_failed: {
    message: "{action} ended {status}: {why}",
    hint: "`bellhop runs show {run}` tells what became of each task.",
    retry: false,
  },
  workflow_broken: {
    message: "{action} can't go on: {why}",
    hint: "This is a fault of Bellhop, or of the workflow's definition. What had begun was canceled (run {run}).",
    retry: false,
  },
  action_failed: { message: "{action} failed: {why}", hint: "{next}", retry: false },
  sensor_failed: { message: "{sensor} failed: {why}", hint: "{next}", retry: false },
  action_timeout: {
    message: "{action} was stopped: it ran longer than {seconds} s.",
    hint: "Give it more time with timeout=SECONDS, or raise the action's own time-out.",
    retry: false,
  },
  action_abandoned: {
    message: "Run {run} of {action} was abandoned: its runner was lost after it had started.",
    hint: "It may have done part of its work, so it was not tried again. Check, then ask again.",
    retry: false,
  },
  output_invalid: {
    message: "{action} gave a result that its definition does not allow: {why}",
    hint: "This is a fault of the pack {pack}.",
    retry: false,
  },
  file_unreadable: {
    message: "{file}, which came with the command, can't be read: {why}.",
    hint: "Send it again with the command.",
    retry: false,
  },
  attachment_refused: {
    message: "{action} can't give {file} back: {why}.",
    hint: "Up to 10 files of 25 MB each are taken.",
    retry: false,
  },
  value_gone: {
    message: "The {bytes} bytes of it are not kept any more.",
    hint: "What is large lies in NATS for as long as the log of its run (30 days); the history keeps the rest. `bellhop runs rerun` does it once more.",
    retry: false,
  },
  chain_long: {
    message: "{depth} events led to one another: this one runs nothing, although {rules} would fire.",
    hint: "A rule may bring about what it waits for. Where the chain is meant, chain.depth of bellhop.yaml lets it be longer.",
    retry: false,
  },
  chain_wide: {
    message: "{runs} runs followed from what runs of rules brought about: this event runs nothing more, although {rules} would fire.",
    hint: "Rules may bring about what they wait for. Where all are meant, chain.runs of bellhop.yaml lets them be more.",
    retry: false,
  },
  not_asked: {
    message: "{action} was not asked for: {why}, and what is asked for can't be stored yet.",
    hint: "`bellhop doctor` says what is missing, `bellhop runs list` whether it was stored after all.",
    retry: true,
  },
  result_late: {
    message: "Run {run} of {action} has no result yet: {why}.",
    hint: "It goes on. Its result is shown at the next prompt; `cancel {run}` there ends it.",
    retry: false,
  },
} as const satisfies Record<string, Wording>;
