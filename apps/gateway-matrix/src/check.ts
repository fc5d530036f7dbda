import { askPlatform, type Inspection } from "@bellhop/gateway";
import { z } from "zod";
import type { MatrixSettings } from "./config.ts";

const Me = z.object({ user_id: z.string().default("?"), device_id: z.string().optional(), errcode: z.string().default("?") });

/** Asks a homeserver about an account. A password is not tried: each try would be a new device. @throws Error where it can't be reached */
export async function checkMatrix({ homeserver, login }: MatrixSettings, signal: AbortSignal): Promise<Inspection> {
  const get = (path: string, headers: Record<string, string>) => askPlatform(`${homeserver}/_matrix/client/${path}`, { headers, signal });
  if ("user" in login) {
    const { status, skewMs } = await get("versions", {});
    const faults =
      status === 200 ? [] : [{ what: `${homeserver} answers ${status}`, hint: "Is it the address of the client-server API?", grave: true }];
    return { found: `${login.user}, by a password that is not tried here`, faults, ...(skewMs === undefined ? {} : { skewMs }) };
  }
  const { status, json, skewMs } = await get("v3/account/whoami", { Authorization: `Bearer ${login.token.reveal()}` });
  const { user_id: user, device_id: device, errcode } = Me.parse(json);
  const skew = skewMs === undefined ? {} : { skewMs };
  if (status !== 200) {
    const what = `${homeserver} refuses the token: ${errcode}`;
    return { found: "nobody", faults: [{ what, hint: "Sign in again for a new one: docs/platforms/matrix.md.", grave: true }], ...skew };
  }
  const faults =
    device === undefined
      ? [{ what: "the token is of no device", hint: "Use one that a login gave: repeats are told apart by the device.", grave: false }]
      : [];
  return { found: user, faults, ...skew };
}
