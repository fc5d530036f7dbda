import { setTimeout as pause } from "node:timers/promises";
import { problem, token, type Problem, type Receipt, type Send } from "@bellhop/contracts";
import type { Bucket, MemberRef } from "@bellhop/bus";
import { point, type Log } from "@bellhop/service";
import type { Adapter, SendResult } from "./adapter.ts";
import { nextStep } from "./next-step.ts";

/** What to do with a send that nobody knows the end of, on a platform that gives no way to look. */
export type UnsurePolicy = "resend" | "stay_silent";

export interface SendQueueOptions {
  adapter: Adapter;
  receipts: Bucket<Receipt>;
  /** Who sends: stands in the receipts. */
  me: MemberRef;
  isAlive: (member: string, epoch: string) => boolean;
  /** Aborted when we may not send any more: we stop, or the account is somebody else's. */
  over: AbortSignal;
  unsure: UnsurePolicy;
  log: Log;
}

/** Handles one send after another of each conversation, so that each stands once: receipt `sending`, the platform's call, receipt `sent`. Throws a
 *  Problem to be tried again while the platform can't be reached or the end of the call is unknown. */
export function createSendQueue({ adapter, receipts, me, isAlive, over, unsure, log }: SendQueueOptions): (send: Send) => Promise<void> {
  const by = `${me.id}/${me.epoch}`;

  return async (send) => {
    const journey = log.child({ key: send.key, revision: send.revision, run: send.run });
    const key = token(send.key);
    for (;;) {
      if (over.aborted) throw unavailable("this gateway does not send any more");
      const entry = await receipts.get(key);
      const step = nextStep(send, entry?.value, {
        canEdit: adapter.capabilities.edit,
        mayFinish: entry !== undefined && entry.value.by !== by && isAlive(...authorOf(entry.value)),
      });
      if (step.kind === "done") return;
      if (step.kind === "wait") throw unavailable("another gateway is at it");
      if (step.kind === "look" && entry !== undefined && !(await settle(send, { ...entry, journey }))) continue;
      const written = await carryOut(send, { key, before: entry, edits: step.kind === "edit" ? step.ref : undefined, journey });
      if (written) return;
    }
  };

  /** One call to the platform between two writes of the receipt. False: somebody else wrote the receipt first. */
  async function carryOut(send: Send, at: { key: string; before?: Written; edits?: string; journey: Log }): Promise<boolean> {
    const { key, before, edits, journey } = at;
    const receipt = receiptOf(send, { state: "sending", ref: edits });
    const revision = before ? await receipts.update(key, receipt, before.revision) : await receipts.create(key, receipt);
    if (revision === undefined) return false;
    point("gateway.sending");
    const result = await call(send, edits);
    point("gateway.sent-unrecorded");
    switch (result.kind) {
      case "sent":
        await record(key, { receipt: receiptOf(send, { state: "sent", ref: result.ref }), revision });
        point("gateway.recorded");
        journey.debug({ ref: result.ref }, "sent");
        return true;
      case "refused":
        await record(key, { receipt: receiptOf(send, { state: "failed", why: result.why }), revision });
        journey.error({ platform: adapter.platform, why: result.why }, "a send was refused");
        return true;
      case "unavailable":
        // Surely not said: the receipt is what it was, so that the next try begins afresh.
        if (edits === undefined) await receipts.delete(key, revision);
        else await receipts.update(key, { ...receipt, revision: send.revision - 1, state: "sent" }, revision);
        await patience(result.retryAfterMs);
        throw unavailable(result.why);
      case "unsure":
        journey.warn({ platform: adapter.platform, why: result.why }, "a send is unsure");
        throw unavailable(result.why);
    }
  }

  /** Finds out about a send that was begun. True: it does not stand, and is to be posted. */
  async function settle(send: Send, at: Written & { key: string; journey: Log }): Promise<boolean> {
    const { value: receipt, revision, key, journey } = at;
    if (adapter.resolve === undefined) {
      journey.warn({ by: receipt.by, policy: unsure }, "a send was left unsure and can't be looked up");
      if (unsure === "resend") return true;
      await record(key, { receipt: receiptOf(send, { state: "failed", why: "unsure" }), revision });
      return false;
    }
    const found = await adapter.resolve(send, receipt);
    if (found.kind === "not-there") {
      journey.warn({ by: receipt.by }, "a send was left unsure and does not stand");
      return true;
    }
    if (found.kind !== "sent") {
      await patience(found.kind === "unavailable" ? found.retryAfterMs : undefined);
      throw unavailable(found.why);
    }
    journey.warn({ by: receipt.by, ref: found.ref }, "a send was left unsure and stands");
    await record(key, { receipt: { ...receipt, state: "sent", by, ref: found.ref }, revision });
    return false;
  }

  async function call(send: Send, edits: string | undefined): Promise<SendResult> {
    try {
      return await adapter.send(send, { key: send.key, edits });
    } catch (error) {
      return { kind: "unsure", why: error instanceof Error ? error.message : String(error) };
    }
  }

  /** When somebody else has written in between, they know what stands: the next look at the receipt goes by theirs. */
  async function record(key: string, { receipt, revision }: { receipt: Receipt; revision: number }): Promise<void> {
    await receipts.update(key, receipt, revision);
  }

  function receiptOf(send: Send, facts: Pick<Receipt, "state" | "ref" | "why">): Receipt {
    return { v: 1, key: send.key, revision: send.revision, by, at: new Date().toISOString(), ...facts };
  }

  /** As long as the platform asks for, before the bus adds its own. */
  async function patience(ms: number | undefined): Promise<void> {
    if (ms === undefined) return;
    await pause(ms, undefined, { signal: over, ref: false }).catch((error: unknown) => {
      if (!over.aborted) throw error;
    });
  }

  function unavailable(why: string): Problem {
    return problem("platform_unavailable", { platform: adapter.platform, why });
  }
}

interface Written {
  value: Receipt;
  revision: number;
}

function authorOf({ by }: Receipt): [member: string, epoch: string] {
  const slash = by.lastIndexOf("/");
  return [by.slice(0, slash), by.slice(slash + 1)];
}
