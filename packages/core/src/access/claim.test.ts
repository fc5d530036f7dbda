import type { OwnerClaim } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { claimHash, decideClaim } from "./claim.ts";

const person = { platform: "slack", space: "T1", id: "U1", kind: "human" } as const;
const open: OwnerClaim = { v: 1, hash: claimHash("ABCD-1234"), wrong: [] };
const tell = (claim: OwnerClaim | undefined, code: string, message = "m1", askedAt = 1_000) =>
  decideClaim(claim, { code, person, message, createdAt: 0, askedAt, length: 600_000 });

describe("a claim", () => {
  it("is granted for the code, however it is typed", () => {
    expect(tell(open, "abcd 1234")).toEqual({
      kind: "granted",
      identity: "slack:T1/U1",
      next: { ...open, claimedBy: { identity: "slack:T1/U1", message: "m1" } },
    });
  });

  it("gives a repeated message the same answer and takes nothing for it", () => {
    const claimed: OwnerClaim = { ...open, claimedBy: { identity: "slack:T1/U1", message: "m1" } };
    expect(tell(claimed, "ABCD1234")).toEqual({ kind: "granted", identity: "slack:T1/U1" });
    const tried: OwnerClaim = { ...open, wrong: ["m1", "m2"] };
    const again = tell(tried, "wrong");
    expect(again.next).toBeUndefined();
    expect(again.kind === "wrong" ? again.problem.hint : "").toMatch(/^4 tries/);
  });

  it("counts wrong tries and is closed after five", () => {
    let claim = open;
    for (let n = 1; n <= 5; n++) {
      const decision = tell(claim, "nope", `m${n}`);
      expect(decision.kind).toBe("wrong");
      claim = decision.next ?? claim;
    }
    expect(tell(claim, "ABCD-1234", "m6").kind).toBe("closed");
  });

  it.each<[string, OwnerClaim | undefined, number]>([
    ["there is none", undefined, 0],
    ["its time is over", open, 600_001],
    ["somebody else was first", { ...open, claimedBy: { identity: "slack:T1/U2", message: "m0" } }, 0],
  ])("is closed when %s", (_, claim, askedAt) => {
    expect(tell(claim, "ABCD-1234", "m1", askedAt).kind).toBe("closed");
  });
});
