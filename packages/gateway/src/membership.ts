import type { Bus, Membership } from "@bellhop/bus";
import type { Durations } from "@bellhop/contracts";
import { isGone, processIdentity } from "@bellhop/service";

export function joinAsGateway({ bus, durations }: { bus: Bus; durations: Durations }): Promise<Membership> {
  return bus.join({
    role: "gateway",
    lengthMs: durations.lease,
    renewalMs: durations.leaseRenewal,
    process: processIdentity(),
    isGone,
  });
}

/** One membership for all accounts of a process, taken anew when it is asked for after it was lost. The bus leaves when it is drained. */
export function sharedMembership(at: { bus: Bus; durations: Durations }): () => Promise<Membership> {
  let current: Promise<Membership> | undefined;
  const forget = () => (current = undefined);
  return () => {
    current ??= joinAsGateway(at).then((membership) => {
      void membership.lost.then(forget);
      return membership;
    });
    current.catch(forget);
    return current;
  };
}
