import { askPlatform, type Inspection } from "@bellhop/gateway";
import { z } from "zod";
import type { MatrixSettings } from "./config.ts";

const Me = z.object({ user_id: z.string().default("?"), device_id: z.string().optional(), errcode: z.string().default("?") });
const LoggedIn = z.object({ user_id: z.string(), access_token: z.string() });

/** Asks a homeserver about an account. @throws Error where it can't be reached */
export async function checkMatrix({ homeserver, login }: MatrixSettings, signal: AbortSignal): Promise<Inspection> {
  if ("user" in login) return await checkPassword(homeserver, login, signal);
  const get = (path: string, headers: Record<string, string>) => askPlatform(`${homeserver}/_matrix/client/${path}`, { headers, signal });
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

type PasswordLogin = Extract<MatrixSettings["login"], { user: string }>;

/** Logs in, as a device that is always the same one, and out again: nothing of it stays. */
async function checkPassword(homeserver: string, { user, password }: PasswordLogin, signal: AbortSignal): Promise<Inspection> {
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    askPlatform(`${homeserver}/_matrix/client/v3/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal,
    });
  const { status, json, skewMs } = await post("login", {
    type: "m.login.password",
    identifier: { type: "m.id.user", user },
    password: password.reveal(),
    device_id: "BELLHOP_DOCTOR",
    initial_device_display_name: "Bellhop doctor",
  });
  const skew = skewMs === undefined ? {} : { skewMs };
  if (status === 200) {
    const { user_id: found, access_token: token } = LoggedIn.parse(json);
    await post("logout", {}, { Authorization: `Bearer ${token}` });
    return { found: `${found}, by its password`, faults: [], ...skew };
  }
  const why = Me.parse(json).errcode;
  if (status === 429) return { found: `${user}, whose password can't be tried now: ${homeserver} asks to wait`, faults: [], ...skew };
  const hint = [400, 401, 403].includes(status)
    ? "Is it the name and the password of an account of that homeserver? docs/platforms/matrix.md"
    : "Is it the address of the client-server API?";
  return {
    found: "nobody",
    faults: [{ what: `${homeserver} refuses the password of ${user}: ${why} (${status})`, hint, grave: true }],
    ...skew,
  };
}
