import { buckets, problem, type Body, type Message } from "@bellhop/contracts";
import { decideAccess, doneWords, renderProblem, type AccessWish } from "@bellhop/core";
import type { Engine } from "../engine.ts";

/** So often others may be first before something must be wrong with the record itself. */
const triesAtMost = 50;

/** Changes the access list as an owner said. The same message changes it once, however often it is delivered: the list remembers the latest
 *  messages, and one whose log has begun was answered already.
 *  @param at.run the log that the message's verdict goes to
 *  @param at.storedAt when the message was stored, epoch milliseconds of the server's clock */
export async function changeAccess(
  engine: Pick<Engine, "bus" | "knowledge" | "log">,
  at: { message: Message; wish: AccessWish; run: string; storedAt: number },
): Promise<{ body: Body; outcome: "ok" | "refused" }> {
  const { bus, knowledge, log } = engine;
  const { message, wish, run, storedAt } = at;
  if ((await bus.log.last(run)) !== undefined) return { body: { text: "This was decided before.", tone: "info" }, outcome: "ok" };
  const lists = bus.bucket(buckets.access);
  for (let tries = 0; tries < triesAtMost; tries++) {
    const entry = await lists.get("list");
    const ask = { wish, by: message.author, message: message.key, at: new Date(storedAt).toISOString() };
    const decision = decideAccess(entry?.value, ask);
    if (decision.kind === "refused") return { body: renderProblem(decision.problem), outcome: "refused" };
    const { change, next } = decision;
    if (next !== undefined) {
      const revision = entry === undefined ? await lists.create("list", next) : await lists.update("list", next, entry.revision);
      if (revision === undefined) continue;
      knowledge.wrote(next, revision);
      log.info({ message: message.key, by: change.by, kind: change.kind, rules: change.rules }, "access list changed");
    }
    if (wish.kind === "remove" && change.rules.length === 0) {
      return { body: renderProblem(problem("access_rule_unknown", { rule: wish.number })), outcome: "refused" };
    }
    const policy = knowledge.policy();
    const text = doneWords({ change, policy, wish: wish.kind === "remove" ? undefined : wish });
    return { body: { text, tone: "ok" }, outcome: "ok" };
  }
  throw new Error("the access list can't be written: its record changes all the time, or can't be read");
}
