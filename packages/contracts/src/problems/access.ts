import type { Wording } from "./wording.ts";

/** Who may do what. */
export const accessProblems = {
  access_denied: {
    message: "{person} may not run {what}.",
    hint: "Ask an owner; `why can't I COMMAND` says what for. While there is no owner, the first one claims with the code that `npm start` prints: claim CODE.",
    retry: false,
  },
  cancel_denied: {
    message: "{person} may not cancel run {run}.",
    hint: "Only whoever asked for it may, and owners.",
    retry: false,
  },
  inquiry_denied: {
    message: "{person} may not answer what run {run} asks.",
    hint: "{who}",
    retry: false,
  },
  access_for_owners: { message: "{person} may not {what}: that is for owners.", hint: "Ask an owner.", retry: false },
  access_who_unknown: { message: "{who} names nobody that a rule can be made for: {why}.", hint: "{suggestion}", retry: false },
  access_what_unknown: {
    message: "{what} is nothing that a rule can be made for: {why}.",
    hint: "Write a pack as linux.*, one action as linux.reboot, one command as alias:linux.reboot, everything as *.",
    retry: false,
  },
  access_rule_unknown: { message: "There is no rule {rule}.", hint: "`access` lists the rules with their numbers.", retry: false },
  access_rule_in_file: {
    message: "Rule {rule} stands in bellhop.yaml and can't be taken back from a chat.",
    hint: "Take it out there and start Bellhop again.",
    retry: false,
  },
  access_full: {
    message: "The list holds {count} rules and takes no more.",
    hint: "Give a room or a pack instead of single people and actions, or write rules into bellhop.yaml (access:).",
    retry: false,
  },
  claim_wrong: {
    message: "That code is not right.",
    hint: "{left} tries are left. The code stands where `npm start` was typed.",
    retry: false,
  },
  claim_closed: {
    message: "There is no claim code to use any more.",
    hint: "A new one is printed by `npm start` while there is no owner; owners can be named in bellhop.yaml (owners:).",
    retry: false,
  },
} as const satisfies Record<string, Wording>;
