import type { Person, Problem } from "@bellhop/contracts";

export interface Policy {
  /** Identities (`identityOf`). */
  readonly owners: ReadonlySet<string>;
}

export type Access = { kind: "yes" } | { kind: "no"; problem: Problem };

/** Owners run everything, nobody else runs anything. Whoever types at a terminal of this installation is an owner. */
export function mayRun(_policy: Policy, _person: Person, _action: string): Access {
  throw new Error("to come");
}
