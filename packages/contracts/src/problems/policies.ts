import type { Wording } from "./wording.ts";

/** What a policy keeps from running. */
export const policyProblems = {
  policy_refused: { message: "{action} is not run: {why}.", hint: "`bellhop policy show {policy}` says what holds.", retry: false },
  policy_waited: {
    message: "{action} waited {time}, longer than policy {policy} allows.",
    hint: "`bellhop policy show {policy}` says who is at work and who waits. Ask again when they are done.",
    retry: false,
  },
  policy_line_full: {
    message: "{most} runs of {action} wait already, and more of this kind than of any other.",
    hint: "`bellhop policy list` says what holds them. Ask again later.",
    retry: false,
  },
  policy_gate_full: {
    message: "{action} is not run: so many are at work, wait or are remembered at its gate that one more can't be written down.",
    hint: "`bellhop policy show {action}` says who they are. Policies with shorter times, or fewer attributes, have less to remember.",
    retry: false,
  },
  policy_circle: {
    message: "{action} is not run: it is part of a workflow that others wait for, which hold what it waits for ({policies}).",
    hint: "Let workflows take what they need in one order, or put the policy on the outermost of them alone.",
    retry: false,
  },
} as const satisfies Record<string, Wording>;
