import { join } from "node:path";
import type { Durations } from "@bellhop/contracts";
import type { Adapter } from "@bellhop/gateway";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import type { MatrixSettings } from "./config.ts";
import type { Self } from "./receive.ts";
import { quietSdk, type MatrixClient } from "./sdk.ts";
import { callMatrix, findSent } from "./send.ts";
import { openSession, tokenProblem } from "./session.ts";
import { Syncing } from "./syncing.ts";

export interface ConnectionOptions {
  matrix: MatrixSettings;
  /** This installation's, `.bellhop`: the login and how far we have read are kept in `matrix` below it. */
  folder: string;
  durations: Durations;
  log: Log;
}

/** Logs in where needed, and asks the homeserver who we are; gives the adapter of that account.
 *  @throws Problem config_invalid when the homeserver takes neither token nor password; platform_unavailable when it can't be reached */
export async function openMatrix({ matrix, folder: above, durations, log }: ConnectionOptions): Promise<Adapter> {
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
  const syncing = new Syncing({ client, self, renew, inviters: matrix.inviters, folder, durations, log });
  log.info({ account }, "this gateway has no cryptography: what is said in encrypted rooms can't be read");
  return {
    platform: "matrix",
    account,
    capabilities: { edit: true },
    failed: syncing.failed,
    connect: (inbox) => syncing.open(inbox),
    disconnect: () => syncing.close(),
    send: (send, about) => callMatrix(client(), send, { ...about, timeoutMs }),
    resolve: (send, receipt) => findSent(client(), send, { account, receipt, timeoutMs }),
  };
}

/** People who call us by name use this one. Without it they still have our id. */
async function displayNameOf(account: string, at: { client: MatrixClient; timeoutMs: number }): Promise<string | undefined> {
  const path = `/_matrix/client/v3/profile/${encodeURIComponent(account)}/displayname`;
  const profile: unknown = await at.client.doRequest("GET", path, null, null, at.timeoutMs).catch(() => undefined);
  return Profile.safeParse(profile).data?.displayname ?? undefined;
}

const Profile = z.object({ displayname: z.string().nullish() });
