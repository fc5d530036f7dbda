import { identityOf, problem, type Person, type Problem } from "@bellhop/contracts";

export interface Policy {
  /** Identities, as `identityOf` writes them. */
  readonly owners: ReadonlySet<string>;
}

export type Access = { kind: "yes" } | { kind: "no"; problem: Problem };

/** Owners run everything, nobody else runs anything. */
export function mayRun(policy: Policy, person: Person, action: string): Access {
  if (isOwner(policy, person)) return { kind: "yes" };
  return { kind: "no", problem: problem("access_denied", { person: person.name ?? identityOf(person), what: action }) };
}

/** Whoever can type at a terminal of this installation can read its keys anyway, and so is an owner. */
export function isOwner(policy: Policy, person: Person): boolean {
  return person.platform === "terminal" || policy.owners.has(identityOf(person));
}
