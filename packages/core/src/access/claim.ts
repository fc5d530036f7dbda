import { hash, type OwnerClaim, type Person, type Problem } from "@bellhop/contracts";

export interface ClaimTry {
  code: string;
  person: Person;
  /** Key of the message that says the code: a redelivery of it changes nothing and gets the same answer. */
  message: string;
  /** When the claim was made and when the message was stored: milliseconds of one clock, the server's. */
  createdAt: number;
  askedAt: number;
  /** How long a claim is good, in milliseconds. */
  length: number;
}

/** `next` is what the claim becomes; absent: it stays as it is. */
export type ClaimDecision =
  | { kind: "granted"; identity: string; next?: OwnerClaim }
  | { kind: "wrong" | "closed"; problem: Problem; next?: OwnerClaim };

/** How a claim keeps its code: case, spaces and hyphens don't count, since people type it on telephones. */
export function claimHash(code: string): string {
  return hash(code.toUpperCase().replace(/[\s-]/g, ""));
}

/** Decides on one try. The same message always gets the same answer. */
export function decideClaim(_claim: OwnerClaim | undefined, _attempt: ClaimTry): ClaimDecision {
  throw new Error("to come");
}
