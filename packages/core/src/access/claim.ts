import { hash, identityOf, limits, problem, type OwnerClaim, type Person, type Problem } from "@bellhop/contracts";

interface ClaimTry {
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
type ClaimDecision =
  | { kind: "granted"; identity: string; next?: OwnerClaim }
  | { kind: "wrong" | "closed"; problem: Problem; next?: OwnerClaim };

/** How a claim keeps its code: case, spaces and hyphens don't count, since people type it on telephones. */
export function claimHash(code: string): string {
  return hash(code.toUpperCase().replace(/[\s-]/g, ""));
}

/** Decides on one try. The same message always gets the same answer, so that a redelivery costs no try. */
export function decideClaim(claim: OwnerClaim | undefined, attempt: ClaimTry): ClaimDecision {
  const { code, person, message, createdAt, askedAt, length } = attempt;
  const identity = identityOf(person);
  const closed: ClaimDecision = { kind: "closed", problem: problem("claim_closed", {}) };
  if (claim === undefined) return closed;
  if (claim.claimedBy)
    return claim.claimedBy.message === message && claim.claimedBy.identity === identity ? { kind: "granted", identity } : closed;
  const tried = claim.wrong.indexOf(message);
  if (tried >= 0) return wrong(tried + 1);
  if (claim.wrong.length >= limits.claimTries || askedAt - createdAt > length) return closed;
  if (claimHash(code) === claim.hash) return { kind: "granted", identity, next: { ...claim, claimedBy: { identity, message } } };
  return { ...wrong(claim.wrong.length + 1), next: { ...claim, wrong: [...claim.wrong, message] } };
}

function wrong(tries: number): ClaimDecision {
  return { kind: "wrong", problem: problem("claim_wrong", { left: limits.claimTries - tries }) };
}
