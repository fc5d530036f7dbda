import { identityOf, type Person } from "@bellhop/contracts";
import { isOwner, mayRun, type Policy, type Rule } from "./may-run.ts";
import { isWhat, type Target } from "./what.ts";
import { isWho, roomText, type Room } from "./who.ts";
import { code } from "../reply/words.ts";
import { ruleWords, whoWords } from "./words.ts";

/** Says why somebody may run something here, or why not and what to ask for.
 *  @param at.reader who reads it: people who are not owners learn of no rules but those that are for them */
export function explainAccess(at: { policy: Policy; person: Person; reader: Person; target: Target; room: Room }): string {
  const { policy, person, reader, target, room } = at;
  const self = identityOf(person) === identityOf(reader);
  const subject = self ? `You (${code(identityOf(person))})` : code(identityOf(person));
  const what = target.alias === undefined ? code(target.action) : `${code(target.action)} (by the alias ${code(target.alias)})`;
  const access = mayRun(policy, person, { ...target, room });
  if (access.kind === "yes") {
    const because = access.because === "owner" ? (self ? "you are an owner" : "this is an owner") : ruleWords(access.because);
    return `${subject} may run ${what} here: ${because}.`;
  }
  const theirs = policy.rules.filter((rule) => isWho(rule.who, person, room));
  const looked = isOwner(policy, reader) ? ofOthers(policy.rules, { target, person, room }) : [];
  return [
    `${subject} may not run ${what} here: ${counted(policy.rules.length, theirs.length, self ? "you" : "them")}.`,
    ...theirs.slice(0, 20).map((rule) => `- ${ruleWords(rule)}: that is something else`),
    ...looked.slice(0, 20),
    remedy(at),
  ].join("\n");
}

function counted(all: number, theirs: number, whom: string): string {
  if (all === 0) return "there are no rules yet, and without a rule only owners run anything";
  const rules = all === 1 ? "the one rule there is" : `the ${all} rules there are`;
  return theirs === 0
    ? `none of ${rules} is for ${whom} in this place`
    : `of ${rules}, those for ${whom} here let ${whom} run only other things`;
}

/** Rules for the same thing that are for others, or hold elsewhere. */
function ofOthers(rules: readonly Rule[], at: { target: Target; person: Person; room: Room }): string[] {
  const same = rules.filter((rule) => isWhat(rule.what, at.target) && !isWho(rule.who, at.person, at.room));
  return same.map(
    (rule) => `- ${ruleWords(rule)}: ${rule.who.kind === "room" ? "that is another room" : `that is ${whoWords(rule.who)} only`}`,
  );
}

function remedy(at: { policy: Policy; person: Person; reader: Person; target: Target; room: Room }): string {
  const words = `allow ${identityOf(at.person)} ${at.target.action}`;
  if (isOwner(at.policy, at.reader))
    return `To let them: ${code(words)}, or for everyone in this place ${code(`allow everyone here ${at.target.action}`)}.`;
  return `Ask an owner to say ${code(words)}, or for everyone in ${code(roomText(at.room))}, there: ${code(`allow everyone here ${at.target.action}`)}.`;
}
