import {
  ActionFinished,
  ActionRequested,
  conversationKey,
  Message,
  MessageDeleted,
  MessageEdited,
  MessagePressed,
  MessageReacted,
  MessageSubmitted,
  problem,
  replayKey,
  Run,
  RunAsked,
  runId,
  Send,
  shardOfKey,
  shardOfRun,
  TriggerFired,
  type Person,
  type Problem,
} from "@bellhop/contracts";
import { isOver } from "../run/life.ts";

/** What somebody has to know of a dead letter: what it was, whose, and which run's log it would have begun or gone on with. */
export interface Letter {
  kind: "message" | "edit" | "delete" | "reaction" | "press" | "event" | "ask" | "request" | "result" | "send" | "unreadable";
  run?: string;
  key?: string;
  /** Who waits, in words; absent where only the run's log can tell. */
  who?: string;
}

/** What is done to try a dead letter again. */
type Replay =
  /** Published on its subject as it was. */
  | { kind: "same" }
  /** Published on its subject with this payload. */
  | { kind: "changed"; payload: object }
  /** Asked for anew: its own subject could lead to nothing any more. */
  | { kind: "asked"; ask: RunAsked }
  | { kind: "kept"; problem: Problem };

/** @param at.payload what it carries; undefined where it is no JSON */
export function readLetter({ subject, payload }: { subject: string; payload: unknown }): Letter {
  const read = readPayload(subject, payload);
  switch (read.kind) {
    case "message": {
      const { key, author, platform, conversation, sentAt: at } = read.message;
      const run = runId({ key, at, shard: shardOfKey(conversationKey(read.message)) });
      return { kind: "message", key, run, who: `${nameOf(author)} in ${platform}:${conversation.channel}` };
    }
    case "edit":
    case "reaction": {
      const { key, platform, conversation, original } = read.about;
      return { kind: read.kind, key, run: runOf(read.about, original), who: `${nameOf(read.by)} in ${platform}:${conversation.channel}` };
    }
    case "press": {
      const { key, platform, conversation, by } = read.acted;
      return { kind: "press", key, who: `${nameOf(by)} in ${platform}:${conversation.channel}` };
    }
    case "delete": {
      const { key, platform, conversation, original } = read.about;
      return { kind: "delete", key, run: runOf(read.about, original), who: `nobody, in ${platform}:${conversation.channel}` };
    }
    case "event": {
      const { event, key, trigger, source } = read.fired;
      return { kind: "event", run: event, key, who: `nobody, ${trigger} from ${source.name ?? source.kind}` };
    }
    case "ask": {
      const { key, run } = read.ask;
      return { kind: "ask", key, run, who: read.ask.kind === "gate" ? "nobody, a gate" : whoWaits(read.ask) };
    }
    case "request":
      return { kind: "request", run: read.request.run };
    case "result":
      return { kind: "result", run: read.finished.run };
    case "send": {
      const { key, run, to } = read.send;
      return { kind: "send", key, run, who: `${to.platform}:${to.channel}` };
    }
    case "unreadable":
      return { kind: "unreadable" };
  }
}

/** Who asked, and where. */
export function whoWaits({ asker, replyTo }: Pick<Run, "asker" | "replyTo">): string {
  return `${nameOf(asker)} in ${replyTo.platform}:${replyTo.channel}`;
}

/** Decides how a dead letter is tried again, so that nothing that was told or stored when it died swallows it, and so that replaying it once more, because
 *  nobody knows whether the first time came through, leads to one and the same.
 *  @param at.run the run of {@link Letter.run} as its log has it; absent where none was begun */
export function replayOf(at: { number: number; subject: string; payload: unknown; run?: Run }): Replay {
  const { number, subject, payload, run } = at;
  const read = readPayload(subject, payload);
  switch (read.kind) {
    case "message":
      return run === undefined ? changed(payload, { key: replayKey(read.message.key, number) }) : begun(number, run);
    case "edit":
      return changed(payload, { key: replayKey(read.about.key, number) });
    case "press":
      return changed(payload, { key: replayKey(read.acted.key, number) });
    case "ask": {
      const { ask } = read;
      const key = replayKey(ask.key, number);
      // The others ask something of a run that there is.
      if (ask.kind !== "start" && ask.kind !== "again" && ask.kind !== "planned" && ask.kind !== "post") return changed(payload, { key });
      if (run !== undefined) return begun(number, run);
      const shard = shardOfRun(ask.run) ?? shardOfKey(ask.run);
      return changed(payload, { key, run: runId({ key, at: ask.askedAt, shard }) });
    }
    case "request":
      return askAgain(number, run);
    case "send":
      // The person was told in its place, under the revision it had.
      return changed(payload, { revision: read.send.revision + 1 });
    // Nothing was told or stored under their keys; a result finds that its run was ended for it.
    case "event":
    case "delete":
    case "reaction":
    case "result":
    case "unreadable":
      return { kind: "same" };
  }
}

/** A request that died ended its run with a failure, and an attempt of a run that is over counts for nothing. */
function askAgain(number: number, run: Run | undefined): Replay {
  if (run === undefined) return kept(number, "its run is not known any more", `bellhop dead drop ${number}`);
  if (!isOver(run.status)) return kept(number, `run ${run.id} is not over`, `wait, or \`cancel ${run.id}\` at a prompt`);
  if (run.status === "canceled") return kept(number, `run ${run.id} was canceled`, `bellhop dead drop ${number}`);
  const key = replayKey(run.id, number);
  const id = runId({ key, at: run.askedAt, shard: shardOfRun(run.id) ?? shardOfKey(run.id) });
  const { asker, replyTo, askedAt } = run;
  return { kind: "asked", ask: { v: 1, kind: "again", key, run: id, of: run.id, asker, replyTo, askedAt } };
}

type Payload =
  | { kind: "message"; message: Message }
  | { kind: "edit"; about: MessageEdited; by: Person }
  | { kind: "reaction"; about: MessageReacted; by: Person }
  | { kind: "press"; acted: MessagePressed | MessageSubmitted }
  | { kind: "delete"; about: MessageDeleted }
  | { kind: "event"; fired: TriggerFired }
  | { kind: "ask"; ask: RunAsked }
  | { kind: "request"; request: ActionRequested }
  | { kind: "result"; finished: ActionFinished }
  | { kind: "send"; send: Send }
  | { kind: "unreadable" };

function readPayload(subject: string, payload: unknown): Payload {
  const [first, second] = subject.split(".");
  switch (`${first}.${second}`) {
    case "message.received": {
      const { data } = Message.safeParse(payload);
      return data === undefined ? unreadable : { kind: "message", message: data };
    }
    case "message.edited": {
      const { data } = MessageEdited.safeParse(payload);
      return data === undefined ? unreadable : { kind: "edit", about: data, by: data.author };
    }
    case "message.deleted": {
      const { data } = MessageDeleted.safeParse(payload);
      return data === undefined ? unreadable : { kind: "delete", about: data };
    }
    case "message.reacted": {
      const { data } = MessageReacted.safeParse(payload);
      return data === undefined ? unreadable : { kind: "reaction", about: data, by: data.by };
    }
    case "message.pressed":
    case "message.submitted": {
      const { data } = (second === "pressed" ? MessagePressed : MessageSubmitted).safeParse(payload);
      return data === undefined ? unreadable : { kind: "press", acted: data };
    }
    case "message.send": {
      const { data } = Send.safeParse(payload);
      return data === undefined ? unreadable : { kind: "send", send: data };
    }
    case "trigger.fired": {
      const { data } = TriggerFired.safeParse(payload);
      return data === undefined ? unreadable : { kind: "event", fired: data };
    }
    case "run.asked": {
      const { data } = RunAsked.safeParse(payload);
      return data === undefined ? unreadable : { kind: "ask", ask: data };
    }
    case "action.requested": {
      const { data } = ActionRequested.safeParse(payload);
      return data === undefined ? unreadable : { kind: "request", request: data };
    }
    case "action.finished": {
      const { data } = ActionFinished.safeParse(payload);
      return data === undefined ? unreadable : { kind: "result", finished: data };
    }
    default:
      return unreadable;
  }
}

const unreadable = { kind: "unreadable" } as const;

function runOf(about: MessageEdited | MessageDeleted | MessageReacted, { key, sentAt: at }: { key: string; sentAt: string }): string {
  return runId({ key, at, shard: shardOfKey(conversationKey(about)) });
}

/** Fields that this program does not know stay as they are. */
function changed(payload: unknown, fields: object): Replay {
  return { kind: "changed", payload: { ...(payload as object), ...fields } };
}

function begun(number: number, run: Run): Replay {
  return kept(number, `it was begun after all, as run ${run.id}, which is ${run.status}`, `bellhop dead drop ${number}`);
}

function kept(number: number, why: string, next: string): Replay {
  return { kind: "kept", problem: problem("dead_kept", { number, why, next }) };
}

function nameOf({ name, id }: Person): string {
  return name ?? id;
}
