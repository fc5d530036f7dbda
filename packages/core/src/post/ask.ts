import { runId, shardOfKey, type Command, type Posting, type Run, type Task } from "@bellhop/contracts";
import { attemptOf } from "../run/attempt.ts";

/** Asks the shard of a message's name to say it: there, what is asked for under one name has an order, whichever runs ask. Without a name of its own it is
 *  named after the attempt.
 *  @param at.at when the step is made, ISO 8601 */
export function askToPost(at: { run: Run; name: string; task: Task & { posts: Posting }; at: string }): Command {
  const { run, name, task } = at;
  const parent = attemptOf(at);
  const key = `${run.id}/${name}/${task.attempt}/post`;
  const posting = { ...task.posts, key: task.posts.key ?? `${run.id}/${name}/${task.attempt}` };
  const log = runId({ key, at: at.at, shard: shardOfKey(`post/${posting.key}`) });
  const { asker, replyTo } = run;
  // Whoever activated a rule's pack has let it tell what it names, and whoever may run a workflow what that tells.
  const trusts = run.rule !== undefined || run.workflow !== undefined || run.parent !== undefined;
  const who = { asker, replyTo, askedAt: at.at, ...(trusts ? { trusts } : {}) };
  return { kind: "ask", ask: { v: 2, kind: "post", key, run: log, ...who, parent, posting } };
}
