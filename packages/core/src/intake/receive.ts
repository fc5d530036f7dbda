import { problem, shardOfRun, type Body, type Message, type Problem, type Run } from "@bellhop/contracts";
import { isSame, mayCancel } from "../access/may-run.ts";
import { begunAlias } from "../alias/begun.ts";
import type { Candidate } from "../alias/index.ts";
import { matchAlias, nearestFormat } from "../alias/match.ts";
import { answerHelp, answerRunStatus, answerStatus, findRun } from "../builtin/answers.ts";
import { parseBuiltin, type Builtin } from "../builtin/words.ts";
import { nearest } from "../near.ts";
import { listSchedules, schedule, unschedule, whenDue } from "../schedule/decide.ts";
import { readPhrase } from "../schedule/phrase.ts";
import { receiveAccess } from "./access.ts";
import { answers } from "./answer.ts";
import { accessTo, callAlias, callEach, shortened } from "./call.ts";
import { wordsOf } from "./reword.ts";
import { refuse, type Received, type Verdict } from "./verdict.ts";

/** Decides what an addressed message leads to. */
export function receive(at: Received): Verdict {
  if (at.question !== undefined) return answers(at, at.question);
  if (at.message.addressed === "answer") return { kind: "unheard" };
  const command = wordsOf(at.message);
  if (command === "") return answer({ text: "Say a command; `help` lists them.", tone: "info" }, "refused");
  if (at.message.schedule !== undefined) return whenDue(at, at.message.schedule.id, runAlias(at, command));
  const word = parseBuiltin(command);
  if (word === undefined) return scheduled(at, command) ?? runAlias(at, command);
  switch (word.kind) {
    case "help":
      return answer(answerHelp({ ...at, ...(word.filter === undefined ? {} : { filter: word.filter }) }), "ok");
    case "more":
      return word;
    case "claim":
      return claim(at.message, word.code);
    case "schedules":
      return listSchedules(at, word);
    case "unschedule":
      return unschedule(at, word.schedule);
    case "status":
    case "cancel":
    case "pause":
    case "resume":
      return about(at, command, word);
    case "access": {
      const verdict = receiveAccess({ ...at, command }, word.words);
      if (verdict.kind === "alias") return runAlias(at, command);
      return verdict.kind === "refused" ? refuse(verdict.problem) : verdict;
    }
  }
}

/** Whether a message asks how runs fare. */
export function asksStatus(message: Message): boolean {
  return parseBuiltin(wordsOf(message))?.kind === "status";
}

/** A time and a command after it. A pack's command that begins so with words of its own comes first. */
function scheduled(at: Received, command: string): Verdict | undefined {
  const phrase = readPhrase(command, { now: Date.parse(at.message.sentAt), zone: at.timeZone ?? "UTC" });
  if (phrase.kind === "none" || isOwnCommand(at, command)) return undefined;
  if (phrase.kind === "phrase") return schedule(at, phrase, runAlias);
  return refuse(problem("schedule_unread", { text: shortened(command), why: phrase.why }));
}

function isOwnCommand(at: Received, command: string): boolean {
  const [word = ""] = command.toLowerCase().split(/\s+/);
  const beginsSo = ({ format }: Pick<Candidate, "format">) => format.text.trimStart().toLowerCase().startsWith(word);
  const match = matchAlias(at.catalog, command);
  if (match.kind === "none") return false;
  return match.kind === "ambiguous" ? match.candidates.some(beginsSo) : beginsSo(match);
}

function runAlias(at: Received, command: string): Verdict {
  const match = matchAlias(at.catalog, command);
  switch (match.kind) {
    case "none":
      return begunOrUnknown(at, command);
    case "ambiguous":
      return refuse(ambiguous(at, command, match.candidates));
    case "several":
      return callEach(at, match.alias, match.all);
    case "matched":
      return callAlias(at, match);
  }
}

/** Nobody learns of commands that are not theirs. */
function begunOrUnknown(at: Received, command: string): Verdict {
  const isTheirs = (alias: Candidate["alias"]) => accessTo(at, alias).kind === "yes";
  const begun = begunAlias({ catalog: at.catalog, text: command, isTheirs });
  if (begun !== undefined) return callAlias(at, begun);
  const near = nearestFormat(at.catalog, command, isTheirs);
  if (near?.isBegun === true) return refuse(problem("alias_incomplete", { text: shortened(command), display: near.display }));
  const word = command.split(/\s+/)[0] ?? "";
  const builtin =
    near === undefined
      ? nearest(word, ["help", "status", "cancel", "pause", "resume", "claim", "access", "allow", "deny", "schedules"])
      : undefined;
  const meant = near?.display ?? builtin;
  const suggestion = meant === undefined ? "`help` lists the commands." : `Did you mean \`${meant}\`? \`help\` lists the commands.`;
  return refuse(problem("alias_unknown", { text: shortened(command), suggestion }));
}

/** What a command means does not depend on who says it; what they are told of it does. */
function ambiguous(at: Received, command: string, candidates: readonly Candidate[]): Problem {
  const judged = candidates.map((candidate) => ({ candidate, access: accessTo(at, candidate.alias) }));
  const [first] = judged;
  if (first?.access.kind === "no" && judged.every(({ access }) => access.kind === "no")) return first.access.problem;
  const theirs = judged.filter(({ access }) => access.kind === "yes").map(({ candidate }) => candidate);
  const displays = theirs.map(({ alias, format }) => `\`${format.display ?? format.text}\` (${alias.definition.ref})`);
  if (theirs.length < judged.length) displays.push("a command that is not yours");
  const example = theirs[0]?.format.display ?? theirs[0]?.format.text ?? "";
  return problem("alias_ambiguous", { text: shortened(command), candidates: displays.join(" and "), example });
}

/** `status`, `cancel`, `pause` and `resume`. With a word that names no run here, they may be the beginning of a pack's command. */
function about(at: Received, command: string, word: Extract<Builtin, { kind: "status" | "cancel" | "pause" | "resume" }>): Verdict {
  const run = word.run === undefined ? undefined : findRun(at.runs, word.run);
  if (word.run !== undefined && run === undefined) {
    if (shardOfRun(word.run.toUpperCase()) === undefined && matchAlias(at.catalog, command).kind !== "none") {
      return runAlias(at, command);
    }
  }
  return word.kind === "status" ? status(at, word.run, run) : ofTheirs(at, word, run);
}

function status(at: Received, named: string | undefined, run: Run | undefined): Verdict {
  if (run !== undefined) return answer(answerRunStatus(run, at.now, at.waiting), "ok");
  return named === undefined ? answer(answerStatus(at.runs, at.now, at.waiting), "ok") : refuse(problem("run_unknown", { run: named }));
}

/** Of what stands in memory of a run that was taken over just now, this much is always known. */
function isPausable({ status }: Run): boolean {
  return status !== "scheduled";
}

/** What only those may do who asked for a run. The latest of theirs, where none is named: for what workflows alone can do, the latest workflow. */
function ofTheirs(
  at: Received,
  { kind, run: named }: { kind: "cancel" | "pause" | "resume"; run?: string },
  run: Run | undefined,
): Verdict {
  const { author } = at.message;
  if (named === undefined) {
    const latest = at.runs
      .filter((one) => isSame(one.asker, author) && (kind === "cancel" || isPausable(one)))
      .toSorted((a, b) => (a.id < b.id ? 1 : -1))[0];
    return latest === undefined
      ? answer(
          { text: kind === "cancel" ? "Nothing of yours is running here." : "No workflow of yours is running here.", tone: "info" },
          "refused",
        )
      : { kind, run: latest.id };
  }
  const id = named.toUpperCase();
  const target = run?.id ?? (shardOfRun(id) === undefined ? undefined : id);
  if (target === undefined) return refuse(problem("run_unknown", { run: named }));
  const access = run === undefined ? undefined : mayCancel(at.policy, author, run);
  return access?.kind === "no" ? refuse(access.problem) : { kind, run: target };
}

/** A code said where others read it is worth nothing. */
function claim(message: Message, code: string): Verdict {
  if (message.addressed === "direct" || message.addressed === "mention") return { kind: "claim", code };
  const text =
    message.addressed === "prompt" ? "Whoever types here is an owner already." : "Say the code by direct message, or with a mention of me.";
  return answer({ text, tone: "info" }, "refused");
}

function answer(body: Body, outcome: "ok" | "failed" | "refused"): Verdict {
  return { kind: "answer", body, outcome };
}
