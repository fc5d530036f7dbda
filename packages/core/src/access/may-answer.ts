import { identityOf, problem, type Address, type Inquiry, type Person, type Problem, type Run } from "@bellhop/contracts";
import { code } from "../reply/words.ts";
import { isOwner, isSame, mayRun, type Policy } from "./may-run.ts";
import { isWho, parseWho, type Room } from "./who.ts";

/** Whether somebody may answer what a run asks. Who is named binds owners as well: whoever must not answer may still cancel. Where nobody is named, whoever
 *  may run the action may, or all of what that is part of, here, and who asked for the run.
 *  @param asked.room where it is answered; absent where that is outside of any chat */
export function mayAnswer(
  policy: Policy,
  person: Person,
  asked: { run: Pick<Run, "id" | "action" | "alias" | "asker" | "parent">; inquiry: Inquiry; room?: Room },
): { kind: "yes" } | { kind: "no"; problem: Problem } {
  const { run, inquiry, room } = asked;
  const { users, roles, to } = inquiry;
  const isNamed = users.length === 0 || users.some((user) => isUser(user, person, { to, room }));
  const hasRole = roles.length === 0 || roles.some((role) => isOf(policy, person, { role, room }));
  const isFree = users.length === 0 && roles.length === 0;
  const { action, alias, parent } = run;
  const wholes = [{ action, alias }, ...(parent?.whole === undefined ? [] : [parent.whole])];
  const mayBegin = (one: { action: string; alias?: string | undefined }) =>
    mayRun(policy, person, { action: one.action, ...(one.alias === undefined ? {} : { alias: one.alias }), room }).kind === "yes";
  const may = isFree ? isSame(run.asker, person) || wholes.some(mayBegin) : isNamed && hasRole;
  if (may) return { kind: "yes" };
  return {
    kind: "no",
    problem: problem("inquiry_denied", {
      person: person.name ?? identityOf(person),
      run: run.id,
      who: whoWords(inquiry, parent?.whole?.action ?? action),
    }),
  };
}

/** As access rules write people, or the platform's own id where it is asked. Never a name: people choose those themselves. */
function isUser(user: string, person: Person, { to, room }: { to: Address; room: Room | undefined }): boolean {
  const read = parseWho(user);
  if (read.kind === "ok") return isWho(read.who, person, room);
  const isThere = person.platform === to.platform && (to.space === undefined || person.space === undefined || person.space === to.space);
  return isThere && person.id === user.replace(/^<?@([^>|]+)(?:\|[^>]*)?>?$/, person.platform === "matrix" ? "@$1" : "$1");
}

function isOf(policy: Policy, person: Person, { role, room }: { role: string; room: Room | undefined }): boolean {
  if (ownersRoles.has(role)) return isOwner(policy, person);
  return policy.roles?.get(role)?.some((who) => isWho(who, person, room)) ?? false;
}

/** StackStorm's own names for who may do everything stand for owners. */
const ownersRoles: ReadonlySet<string> = new Set(["owner", "admin", "system_admin"]);

function whoWords({ users, roles }: Inquiry, action: string): string {
  if (users.length === 0 && roles.length === 0) return `Whoever may run ${action} here may.`;
  const named = users.length === 0 ? [] : [users.map(code).join(", ")];
  const kinds = roles.length === 0 ? [] : [`who is ${roles.map(code).join(" or ")}`];
  return `Only ${[...named, ...kinds].join(", and of them ")} may.`;
}
