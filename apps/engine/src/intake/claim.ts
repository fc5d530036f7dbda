import type { Bus } from "@bellhop/bus";
import { buckets, type Body, type Message, type Owners } from "@bellhop/contracts";
import { decideClaim, renderProblem } from "@bellhop/core";

/** Lets the first owner in. The same message always gets the same answer, however often it is delivered. */
export async function claim(at: {
  bus: Bus;
  message: Message;
  code: string;
  storedAt: number;
  length: number;
}): Promise<{ body: Body; granted: boolean }> {
  const { bus, message, code, storedAt, length } = at;
  const claims = bus.bucket(buckets.claim);
  for (;;) {
    const entry = await claims.get("code");
    // The entry's own time moves with each wrong try: the first one writes down when the code was made.
    const createdAt = entry?.value.createdAt ?? entry?.createdAt ?? 0;
    const decision = decideClaim(entry?.value, {
      code,
      person: message.author,
      message: message.key,
      createdAt,
      askedAt: storedAt,
      length,
    });
    if (decision.next !== undefined && entry !== undefined) {
      if ((await claims.update("code", { ...decision.next, createdAt }, entry.revision)) === undefined) continue;
    }
    if (decision.kind !== "granted") return { body: renderProblem(decision.problem), granted: false };
    await addOwner(bus, decision.identity);
    return { body: { text: `You are an owner now: ${decision.identity}. \`help\` lists the commands.`, tone: "ok" }, granted: true };
  }
}

async function addOwner(bus: Bus, identity: string): Promise<void> {
  const owners = bus.bucket(buckets.owners);
  for (;;) {
    const entry = await owners.get("owners");
    if (entry?.value.owners.includes(identity) === true) return;
    const next: Owners = { v: 1, owners: [...(entry?.value.owners ?? []), identity] };
    const written = entry === undefined ? await owners.create("owners", next) : await owners.update("owners", next, entry.revision);
    if (written !== undefined) return;
  }
}
