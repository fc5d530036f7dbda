import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import type { Self } from "./mention.ts";
import { failureOf } from "./outcome.ts";
import { serverOf } from "./receive.ts";
import type { Rooms } from "./rooms.ts";
import type { MatrixClient } from "./sdk.ts";

interface Invitation {
  room: string;
  inviter: string;
  direct: boolean;
}

export interface InvitationsOptions {
  client: () => MatrixClient;
  rooms: Rooms;
  self: Self;
  /** Absent: everybody on our own homeserver. */
  inviters: readonly string[] | undefined;
  timeoutMs: number;
  closing: AbortSignal;
  log: Log;
  /** None is open any more. */
  settled: () => void;
}

/** Accepts invitations, as often as it takes: a sync tells of each once. Joining may take a while, and nothing else waits for it. */
export class Invitations {
  private readonly options: InvitationsOptions;
  private readonly accepting = new Set<string>();

  constructor(options: InvitationsOptions) {
    this.options = options;
  }

  /** Whether there are some that are not accepted yet. */
  get open(): boolean {
    return this.accepting.size > 0;
  }

  /** `entry` is what a sync says of a room that we are invited to. */
  take(room: string, entry: unknown): void {
    const { self, log, inviters = [`*:${serverOf(self.account)}`] } = this.options;
    const events = InvitedRoom.safeParse(entry).data?.invite_state.events ?? [];
    const own = events.map((event) => OwnInvite.safeParse(event).data).findLast((event) => event?.state_key === self.account);
    if (own === undefined) return;
    const fields = { room, inviter: own.sender };
    if (!mayInvite(own.sender, inviters))
      return log.warn(fields, "an invitation was passed over: matrix.inviters does not name who sent it");
    if (events.some((event) => Encryption.safeParse(event).success))
      log.warn(fields, "the room is encrypted: what is said there can't be read");
    this.accept({ ...fields, direct: own.content.is_direct === true });
  }

  private accept(invitation: Invitation): void {
    if (this.accepting.has(invitation.room)) return;
    this.accepting.add(invitation.room);
    void this.join(invitation).finally(() => {
      if (this.options.closing.aborted) return;
      this.accepting.delete(invitation.room);
      if (!this.open) this.options.settled();
    });
  }

  private async join({ room, inviter, direct }: Invitation): Promise<void> {
    const { client, rooms, timeoutMs, closing, log } = this.options;
    const path = `/_matrix/client/v3/join/${encodeURIComponent(room)}`;
    const since = performance.now();
    for (let failures = 1; !closing.aborted; failures++) {
      try {
        if (direct) await rooms.markDirect(room, inviter);
        await client().doRequest("POST", path, { server_name: [serverOf(inviter)] }, {}, timeoutMs);
        return log.info({ room, inviter }, "an invitation was accepted");
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind === "refused" || performance.now() - since > patienceMs)
          return log.warn({ room, inviter, why: failure.why }, "an invitation can't be accepted");
        const waitMs = failure.kind === "unavailable" ? failure.retryAfterMs : undefined;
        await pause(waitMs ?? Math.min(60_000, failures * failures * 250), undefined, { signal: closing }).catch(() => {});
      }
    }
  }
}

/** While one is open, how far we have heard is not told: after a restart everything since would be heard anew. */
const patienceMs = 86_400_000;

/** `@ana:example.org`, `*:example.org` or `*`. */
function mayInvite(inviter: string, inviters: readonly string[]): boolean {
  return inviters.some(
    (allowed) => allowed === "*" || allowed === inviter || (allowed.startsWith("*:") && allowed.slice(2) === serverOf(inviter)),
  );
}

const InvitedRoom = z.object({ invite_state: z.object({ events: z.array(z.unknown()) }) });
const OwnInvite = z.object({
  type: z.literal("m.room.member"),
  sender: z.string(),
  state_key: z.string(),
  content: z.object({ membership: z.literal("invite"), is_direct: z.boolean().optional() }),
});
const Encryption = z.object({ type: z.literal("m.room.encryption") });
