import { z } from "zod";

/** Every failure a person can meet. `{names}` are filled from the details; `hint` says what this reader can do next; `retry` is the one
 *  question the machinery asks: deliver again later, or tell the person and be done. */
export const problems = {
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
  parameter_template: {
    message: "The default of {parameter} of {action} ({place}) can't be filled in: {why}.",
    hint: "{suggestion}",
    retry: false,
  },
  run_unknown: { message: "There is no run {run}.", hint: "`status` lists the runs of this conversation.", retry: false },
  page_gone: {
    message: "What is left of this answer is not kept any more.",
    hint: "Run the command again.",
    retry: false,
  },
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
  pack_invalid: { message: "{file}:{line}:{column}: {what}", hint: "{suggestion}", retry: false },
  packs_missing: {
    message: "No pack could be loaded, so no command is known.",
    hint: "Mend what is named above; `bellhop pack check DIR` says it again.",
    retry: false,
  },
  pack_unavailable: {
    message: "Version {digest} of {pack} can't be fetched.",
    hint: "Install it again, or activate another version (`bellhop pack list`). One that lies in a watched folder comes back when one of its files is saved.",
    retry: true,
  },
  pack_foreign: {
    message: "{pack} {version} has dependencies that are made for {platform}, and this runner is on {own}.",
    hint: "Install it on a machine like this one (`bellhop pack install`), or let runners on {platform} have its pool.",
    retry: true,
  },
  pack_spec_unclear: {
    message: "{spec} names no pack that could be had: {why}.",
    hint: "Give a package (@acme/pack-deploy, npm:deploy@^2), a tarball, a git address (github:acme/deploy#v1), a folder (./packs/deploy) or exchange:NAME.",
    retry: false,
  },
  pack_source_refused: {
    message: "{source} is no source that packs may come from here: {why}.",
    hint: "{suggestion}",
    retry: false,
  },
  pack_not_found: { message: "{spec} can't be found: {why}.", hint: "{suggestion}", retry: false },
  pack_unreachable: { message: "{spec} can't be fetched: {why}.", hint: "{suggestion}", retry: true },
  pack_archive_refused: {
    message: "The archive of {spec} is refused: {why}.",
    hint: "Nothing of it was unpacked into the installation. Whoever made it has to pack it anew, as `npm pack` does.",
    retry: false,
  },
  pack_signature_invalid: {
    message: "The signature of {spec} is refused: {why}.",
    hint: "What the registry gave is not what was published, or its keys are not its own. Nothing was installed; ask whoever looks after the registry.",
    retry: false,
  },
  pack_unknown: { message: "There is no pack {pack}.", hint: "{suggestion}", retry: false },
  pack_version_unknown: { message: "{pack} has no version {version} here.", hint: "{suggestion}", retry: false },
  pack_version_ambiguous: {
    message: "{pack} has {count} versions that {version} fits: {candidates}.",
    hint: "Give the first characters of a digest in the place of the version, e.g. {example}.",
    retry: false,
  },
  pack_active: {
    message: "{pack} {version} answers now.",
    hint: "Activate another version first, or say --yes: then {pack} answers no more.",
    retry: false,
  },
  pack_other_source: {
    message: "{pack} answers from {old} now; {spec} is somebody else's pack of the same name.",
    hint: "If that is meant, say so with --replace.",
    retry: false,
  },
  template_refused: { message: "{place}: {expression} can't stand {where}.", hint: "{suggestion}", retry: false },
  pack_config_none: { message: "The pack {pack} has nothing to configure.", hint: "Leave config={instance} out.", retry: false },
  pack_config_missing: {
    message: "{who} needs {names} in the configuration of {pack}{instance}.",
    hint: "Whoever looks after the installation sets it with: {command}",
    retry: false,
  },
  pack_config_invalid: {
    message: "{name} in the configuration of {pack}{instance} can't be {found}{where}.",
    hint: "It takes {expected}. {next}",
    retry: false,
  },
  pack_config_unknown: {
    message: "The configuration of {pack} has nothing called {name}.",
    hint: "{suggestion}",
    retry: false,
  },
  pack_config_instance_unknown: {
    message: "There is no instance {instance} of the configuration of {pack}.",
    hint: "{suggestion} A new one is made with: {command}",
    retry: false,
  },
  config_key_missing: {
    message: "There is no key file {key}, so no runner could open what is sealed here.",
    hint: "Set secrets of {pack} on a machine where an engine or a runner works, or copy their key file here (mode 0600). A runner's own environment will do as well: BELLHOP_CONFIG_<PACK>_<NAME>.",
    retry: false,
  },
  pack_config_unread: {
    message: "The configuration of {pack} can't be read: {why}.",
    hint: "{next}",
    retry: false,
  },
  config_invalid: { message: "The configuration has {count} faults:\n{faults}", hint: "Mend them and start again.", retry: false },
  nats_missing: { message: "No nats-server of version 2.10 or later could be had.\n{tried}", hint: "{suggestion}", retry: false },
  nats_version: {
    message: "The nats-server at {url} is version {version}.",
    hint: "2.10 or later is needed: older ones lose acknowledgements when they are killed. Upgrade it, or unset NATS_URL to use the one that Bellhop brings.",
    retry: false,
  },
  nats_gave_up: {
    message: "nats-server ended {count} times within a minute and is not started again; the last time: {why}",
    hint: "Mend what its last words name (a full disk, a damaged store), then start again; or set NATS_URL to a server of your own.",
    retry: false,
  },
  nats_unreachable: {
    message: "NATS at {url} can't be reached: {why}",
    hint: "Check that it runs and that the address is right.",
    retry: true,
  },
  nats_denied: {
    message: "NATS does not let {role} {what}.",
    hint: "The credentials are of another role, or older than this Bellhop. With the server that `bellhop up` runs: stop everything and start anew, which writes them again. With your own: `bellhop nats users` says what each role needs.",
    retry: false,
  },
  nats_no_operator: {
    message: "These credentials may not administer NATS. {why}",
    hint: "Whoever administers it runs `bellhop nats apply` with the operator's (BELLHOP_CREDENTIALS). Until then everything waits, and goes on by itself.",
    retry: false,
  },
  nats_credentials: {
    message: "The credentials of {role} can't be read: {why}",
    hint: "BELLHOP_CREDENTIALS names a file with an nkey seed, or a folder that has <role>.nk in it. `bellhop nats users` makes them.",
    retry: false,
  },
  nats_set_up: {
    message: "NATS does not have {name} as it should be: {why}.",
    hint: "`bellhop nats plan` shows what is there and what to do.",
    retry: false,
  },
  not_running: { message: "Nothing is running here ({folder}).", hint: "Start it with `npm start` in this folder.", retry: false },
  stopped_meanwhile: {
    message: "Bellhop has stopped here ({folder}).",
    hint: "Replies that are still to come are shown at the next prompt: `npm start`.",
    retry: false,
  },
  part_ended: { message: "The {part} ended ({how}).", hint: "Its log says more: {log}", retry: true },
  part_gave_up: {
    message: "The {part} failed {count} times within a minute and is not started again; the last time: {why}",
    hint: "Its log says more: {log}",
    retry: false,
  },
  snapshot_failed: {
    message: "NATS gave up a snapshot of {stream}: {why}",
    hint: "Try again; the credentials must be the operator's. Its own log says more.",
    retry: true,
  },
  backup_unreadable: {
    message: "{file} can't be restored: {why}.",
    hint: "{next}",
    retry: false,
  },
  backup_exists: {
    message: "{file} is there already.",
    hint: "Name another file: a backup never takes the place of another.",
    retry: false,
  },
  backup_live: {
    message: "This backup was made while Bellhop ran, so what was under way then was done since.",
    hint: "Leave --resume out: runs that may have been done end abandoned, and their people are told.",
    retry: false,
  },
  key_differs: {
    message: "{file} is another key than the one in the backup.",
    hint: "Restore into another folder (BELLHOP_FOLDER), or move that file away if nothing needs it.",
    retry: false,
  },
  installation_used: {
    message: "This installation is in use: {what}.",
    hint: "Restore into a new one: another folder (BELLHOP_FOLDER), or a NATS account with nothing of Bellhop's in it. Nothing was changed.",
    retry: false,
  },
  restore_unfinished: {
    message: "A restore was begun here and not finished: {what}.",
    hint: "Do it again: `bellhop restore FILE` with the same file begins anew.",
    retry: false,
  },
  still_running: {
    message: "Bellhop runs in {folder} (process {pid}).",
    hint: "Stop it first; a restore needs an installation in which nothing runs.",
    retry: false,
  },
  result_late: {
    message: "Run {run} of {action} has no result yet: {why}.",
    hint: "It goes on. Its result is shown at the next prompt; `cancel {run}` there ends it.",
    retry: false,
  },
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
} as const satisfies Record<string, { message: string; hint: string; retry: boolean }>;

export type ProblemCode = keyof typeof problems;

/** A problem as it travels and is stored. */
export const ProblemData = z.object({ code: z.string(), message: z.string(), hint: z.string(), retry: z.boolean() });
export type ProblemData = z.infer<typeof ProblemData>;

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Details<Code extends ProblemCode> = Record<
  Names<(typeof problems)[Code]["message"]> | Names<(typeof problems)[Code]["hint"]>,
  string | number
>;

export class Problem extends Error {
  readonly code: string;
  readonly hint: string;
  readonly retry: boolean;

  constructor(data: ProblemData, options?: { cause?: unknown }) {
    super(data.message, options);
    this.name = "Problem";
    this.code = data.code;
    this.hint = data.hint;
    this.retry = data.retry;
  }

  get data(): ProblemData {
    return { code: this.code, message: this.message, hint: this.hint, retry: this.retry };
  }
}

/** Makes the problem of that code. A detail that its wording names and that is missing does not compile. */
export function problem<Code extends ProblemCode>(code: Code, details: Details<Code>, options?: { cause?: unknown }): Problem {
  const { message, hint, retry } = problems[code];
  const filled = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => String((details as Record<string, string | number>)[name] ?? "")).trim();
  return new Problem({ code, message: filled(message), hint: filled(hint), retry }, options);
}

/** Whatever was thrown, as a problem. Called once per edge. */
export function toProblem(thrown: unknown, run = "-"): Problem {
  if (thrown instanceof Problem) return thrown;
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return problem("internal", { why, run }, { cause: thrown });
}
