import {
  problem,
  runId,
  shardOfKey,
  shardOfRun,
  type Address,
  type Meaning,
  type MessagePressed,
  type MessageSubmitted,
  type Person,
  type Press,
  type Problem,
  type RunAsked,
} from "@bellhop/contracts";

/** What a press asks of a run, or why it means nothing any more. */
type ReadPress = { kind: "asks"; ask: RunAsked } | { kind: "refused"; problem: Problem };

/** One that is over is asked all the same: only the run can tell a press that comes again from one that comes too late.
 *  @param press what is known of its id; undefined where nothing is */
export function readPress(acted: MessagePressed | MessageSubmitted, press: Press | undefined): ReadPress {
  const meaning = press?.means[acted.choice];
  if (press === undefined || meaning === undefined) return { kind: "refused", problem: problem("press_unknown", {}) };
  const filled = "fields" in acted ? acted.fields : pickedIn(acted, meaning);
  return {
    kind: "asks",
    ask: askFor(meaning, { key: acted.key, by: acted.by, replyTo: acted.replyTo, at: acted.at, given: filled, pressed: true }),
  };
}

/** The ask that a choice stands for, by whichever way it was chosen. */
export function askFor(
  meaning: Meaning,
  at: {
    key: string;
    by: Person;
    replyTo: Address;
    at: string;
    given: Readonly<Record<string, string>>;
    pressed: boolean;
  },
): RunAsked {
  const { key, by: asker, replyTo, at: askedAt, given, pressed } = at;
  const { run } = meaning;
  if (meaning.kind === "cancel") return { v: 1, kind: "cancel", key, run, asker, replyTo, askedAt };
  if (meaning.kind === "pause" || meaning.kind === "resume") return { v: 2, kind: meaning.kind, key, run, asker, replyTo, askedAt };
  if (meaning.kind === "again") {
    // Born in the same shard: whoever serves that has the old run at hand.
    const shard = shardOfRun(run) ?? shardOfKey(run);
    return { v: 2, kind: "again", key, run: runId({ key, at: askedAt, shard }), of: run, asker, replyTo, askedAt, tasks: [] };
  }
  const { task, attempt, response } = meaning;
  const asks = { task, attempt, response: { ...response, ...given }, ...(pressed ? { pressed } : {}) };
  return { v: 2, kind: "answer", key, run, asker, replyTo, askedAt, ...asks };
}

function pickedIn({ value }: MessagePressed, meaning: Meaning): Record<string, string> {
  return meaning.kind === "answer" && meaning.field !== undefined && value !== undefined ? { [meaning.field]: value } : {};
}
