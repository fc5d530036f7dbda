import { randomBytes, randomUUID } from "node:crypto";
import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Make a new UUID",
  input: { uuid_type: z.enum(["uuid4", "uuid1"]).default("uuid4").describe("Which kind: random (uuid4), or with the time in it (uuid1).") },
  output: z.uuid(),
  repeatable: true,
  run: ({ input }) => (input.uuid_type === "uuid4" ? randomUUID() : timeUuid(BigInt(Date.now()))),
});

/** RFC 9562, 5.1: the time in 100 ns since 1582, and in place of this machine's address 48 random bits, marked as such.
 *  @param now epoch milliseconds */
function timeUuid(now: bigint): string {
  const random = randomBytes(10);
  // Within the millisecond the time is random, so that no two of them are alike.
  const time = (now + 12_219_292_800_000n) * 10_000n + BigInt(random.readUInt16BE(8) % 10_000);
  const hex = time.toString(16).padStart(15, "0");
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  random[2] = (random[2] ?? 0) | 0x01;
  const rest = random.toString("hex");
  return [hex.slice(-8), hex.slice(-12, -8), `1${hex.slice(0, 3)}`, rest.slice(0, 4), rest.slice(4, 16)].join("-");
}
