import { identityOf, problem, type AccessChange, type AccessRule, type Person, type Problem, type Run } from "@bellhop/contracts";
import { isWhat, parseWhat, type Target, type What } from "./what.ts";
import { isWho, parseWho, type Room, type Who } from "./who.ts";

/** Everything access is decided from. */
export interface Policy {
  /** Identities, as `identityOf` writes them. */
  readonly owners: ReadonlySet<string>;
  /** Who else may run what. No rule takes anything away, so that their order means nothing. */
  readonly rules: readonly Rule[];
  /** Who has which role, by its name. Roles let nobody run anything: inquiries ask for them. */
  readonly roles?: ReadonlyMap<string, readonly Who[]>;
  /** The latest changes of the list, newest last. */
  readonly changes?: readonly AccessChange[];
}

/** One rule, and where it comes from. `name` is what people call it by: a number, or `file-2` for the second of bellhop.yaml. */
export interface Rule {
  readonly name: string;
  readonly who: Who;
  readonly what: What;
  readonly from: { kind: "file" } | { kind: "chat"; rule: AccessRule };
}

/** An entry of `access:` in bellhop.yaml: each of these may run each of those. */
export interface FileRule {
  who: readonly string[];
  what: readonly string[];
}

export type Access = { kind: "yes"; because: "owner" | Rule } | { kind: "no"; problem: Problem };

/** Owners run everything; others what a rule lets them, here. With no rule, nobody runs anything.
 *  @param asked.room where it is said; absent where it was asked outside of any chat: then no rule for a room holds */
export function mayRun(policy: Policy, person: Person, asked: Target & { room?: Room }): Access {
  if (isOwner(policy, person)) return { kind: "yes", because: "owner" };
  const rule = policy.rules.find(({ who, what }) => isWhat(what, asked) && isWho(who, person, asked.room));
  if (rule !== undefined) return { kind: "yes", because: rule };
  return { kind: "no", problem: problem("access_denied", { person: nameOf(person), what: asked.action }) };
}

/** Whoever can type at a terminal of this installation can read its keys anyway, and so is an owner. */
export function isOwner(policy: Policy, person: Person): boolean {
  return person.platform === "terminal" || policy.owners.has(identityOf(person));
}

/** Who asked for a run may end it, and owners. */
export function mayCancel(
  policy: Policy,
  person: Person,
  run: Pick<Run, "id" | "asker">,
): { kind: "yes" } | { kind: "no"; problem: Problem } {
  if (isOwner(policy, person) || isSame(run.asker, person)) return { kind: "yes" };
  return { kind: "no", problem: problem("cancel_denied", { person: nameOf(person), run: run.id }) };
}

/** What a run came to, wherever it was said: who asked for it may see that, and owners. */
export function maySee(policy: Policy, person: Person, run: Pick<Run, "asker">): boolean {
  return isOwner(policy, person) || isSame(run.asker, person);
}

export function isSame(one: Person, other: Person): boolean {
  return one.platform === other.platform && one.space === other.space && one.id === other.id;
}

/** The policy of a configuration and of the list that chats made. A rule that can't be read, which a newer version may have written, lets
 *  nobody run anything. */
export function policyOf(at: {
  owners: Iterable<string>;
  file: readonly FileRule[];
  rules: readonly AccessRule[];
  roles?: Readonly<Record<string, readonly string[]>> | undefined;
  changes?: readonly AccessChange[];
}): Policy {
  const rules: Rule[] = [];
  const add = (rule: { name: string; who: string; what: string; from: Rule["from"] }) => {
    const [who, what] = [parseWho(rule.who), parseWhat(rule.what)];
    if (who.kind === "ok" && what.kind === "ok") rules.push({ ...rule, who: who.who, what: what.what });
  };
  let number = 0;
  for (const entry of at.file) {
    for (const who of entry.who) for (const what of entry.what) add({ name: `file-${++number}`, who, what, from: { kind: "file" } });
  }
  for (const rule of at.rules) add({ name: String(rule.number), who: rule.who, what: rule.what, from: { kind: "chat", rule } });
  const roles = new Map(Object.entries(at.roles ?? {}).map(([role, texts]) => [role, texts.flatMap(readable)]));
  return { owners: new Set(at.owners), rules, roles, changes: at.changes ?? [] };
}

function readable(text: string): Who[] {
  const read = parseWho(text);
  return read.kind === "ok" ? [read.who] : [];
}

function nameOf(person: Person): string {
  return person.name ?? identityOf(person);
}
