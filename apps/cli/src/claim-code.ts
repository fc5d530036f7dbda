import { randomInt } from "node:crypto";
import type { Bus } from "@bellhop/bus";
import { buckets } from "@bellhop/contracts";
import { claimHash } from "@bellhop/core";

/** No 0 and O, 1 and I and L, nor vowels that make words. */
const letters = "23456789BCDFGHJKMNPQRSTVWXZ";

/** Makes the code by which the first person in a chat becomes owner, in place of any earlier one. The installation keeps its hash only.
 *  Undefined where somebody owns it already. */
export async function makeClaimCode(bus: Bus): Promise<string | undefined> {
  const owners = await bus.bucket(buckets.owners).get("owners");
  if (owners !== undefined && owners.value.owners.length > 0) return undefined;
  const code = Array.from({ length: 8 }, () => letters.charAt(randomInt(letters.length))).join("");
  await bus.bucket(buckets.claim).put("code", { v: 1, hash: claimHash(code), wrong: [] });
  return code;
}
