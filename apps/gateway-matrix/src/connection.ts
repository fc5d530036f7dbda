import { join } from "node:path";
import type { Durations } from "@bellhop/contracts";
import type { Adapter, Place } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import { capabilities } from "./capabilities.ts";
import type { MatrixSettings } from "./config.ts";
import { Gestures } from "./gestures.ts";
import type { Self } from "./mention.ts";
import { platform } from "./receive.ts";
import { Rooms } from "./rooms.ts";
import { quietSdk, type MatrixClient } from "./sdk.ts";
import { Sender } from "./send.ts";
import { openSession, tokenProblem } from "./session.ts";
import { Syncing } from "./syncing.ts";
import { Whispers } from "./whispers.ts";
import { write, type MatrixPiece } from "./write.ts";

export interface ConnectionOptions {
  matrix: MatrixSettings;
  /** This installation's, `.bellhop`: the login is kept in `matrix` below it. */
  folder: string;
  durations: Durations;
  log: Log;
}

/** Logs in where needed, and asks the homeserver who we are; gives the adapter of that account.
 *  @throws Problem config_invalid when the homeserver takes neither token nor password; platform_unavailable when it can't be reached */
export async function openMatrix({ matrix, folder: above, durations, log }: ConnectionOptions): Promise<Adapter<MatrixPiece>> {
  quietSdk(log);
  const folder = join(above, "matrix");
  const timeoutMs = durations.platformCall;
  let session = await openSession({ matrix, folder, timeoutMs });
  const { account } = session;
  const client = () => session.client;
  const self: Self = { account, displayName: await displayNameOf(account, { client: client(), timeoutMs }) };
  const renew = async () => {
    if ("token" in matrix.login) throw tokenProblem("BELLHOP_MATRIX_TOKEN", "M_UNKNOWN_TOKEN");
    session = await openSession({ matrix, folder, timeoutMs });
  };
  const rooms = new Rooms({ client, account, timeoutMs });
  const gestures = new Gestures({ client, account, timeoutMs });
  const sender = new Sender({ client, account, whispers: new Whispers({ client, rooms, account, timeoutMs }), timeoutMs });
  const tellUnreadable = async (room: string) => {
    const result = await sender.post(unreadable, noticePlace({ account, room }));
    if (result.kind !== "sent") log.warn({ room, why: result.why }, "nobody could be told that the room is encrypted");
  };
  const syncing = new Syncing({ client, self, renew, rooms, inviters: matrix.inviters, tellUnreadable, durations, log });
  log.info({ account }, "this gateway has no cryptography: what is said in encrypted rooms can't be read");
  return {
    platform,
    account,
    capabilities,
    failed: syncing.failed,
    isConnected: () => syncing.isFollowing,
    connect: (inbox) => syncing.open(inbox),
    disconnect: () => syncing.close(),
    write,
    async post(piece, at) {
      const result = await sender.post(piece, at);
      if (result.kind === "sent") gestures.said(at.to.channel);
      return result;
    },
    reword: (piece, at) => sender.reword(piece, at),
    // What one person alone sees stands in another room.
    below: (ref, to) => (ref.includes(" ") ? to : { ...to, thread: ref }),
    remove: (at) => sender.remove(at),
    find: (_, at) => sender.find(at),
    react: (reaction) => gestures.react(reaction),
    type: (to) => gestures.type(to),
  };
}

const unreadable: MatrixPiece = {
  kind: "words",
  text: "I can't read encrypted messages. Make a room without encryption, invite me, and ask there.",
  html: "<p>I can't read encrypted messages. Make a room without encryption, invite me, and ask there.</p>",
  mentions: [],
};

/** Every replica says it with the same transaction id. */
function noticePlace({ account, room }: { account: string; room: string }): Place {
  const read = () => Promise.reject(new Error("it has no files"));
  return { to: { platform, account, channel: room }, key: `${account}/${room}/encrypted`, revision: 1, read };
}

/** People who call us by name use this one. Without it they still have our id. */
async function displayNameOf(account: string, at: { client: MatrixClient; timeoutMs: number }): Promise<string | undefined> {
  const path = `/_matrix/client/v3/profile/${encodeURIComponent(account)}/displayname`;
  const profile: unknown = await at.client.doRequest("GET", path, null, null, at.timeoutMs).catch(() => undefined);
  return Profile.safeParse(profile).data?.displayname ?? undefined;
}

const Profile = z.object({ displayname: z.string().nullish() });
