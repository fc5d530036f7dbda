import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { problem, token, type Problem } from "@bellhop/contracts";
import { z } from "zod";
import type { MatrixSettings } from "./config.ts";
import { readJson, writeJson } from "./files.ts";
import { failureOf } from "./outcome.ts";
import { serverOf } from "./receive.ts";
import { MatrixClient, MatrixError } from "./sdk.ts";

/** A client that is logged in, and as whom. */
export interface Session {
  client: MatrixClient;
  /** `@bellhop:example.org` */
  account: string;
}

export interface SessionOptions {
  matrix: MatrixSettings;
  /** Where a login is kept. */
  folder: string;
  timeoutMs: number;
}

/** With the token that was given, or the one of the login kept in the folder, or a new login that is kept there from now on.
 *  @throws Problem config_invalid when the homeserver does not take them; platform_unavailable when it can't be reached */
export async function openSession({ matrix, folder, timeoutMs }: SessionOptions): Promise<Session> {
  const { homeserver, login } = matrix;
  if ("token" in login) return whoAmI(new MatrixClient(homeserver, login.token.reveal()), { variable: "BELLHOP_MATRIX_TOKEN", timeoutMs });
  const variable = "BELLHOP_MATRIX_PASSWORD";
  const file = join(folder, `login-${token(`${login.user} ${homeserver}`)}.json`);
  const kept = Login.safeParse(await readJson(file)).data;
  if (kept?.token !== undefined) {
    try {
      return await whoAmI(new MatrixClient(homeserver, kept.token), { variable, timeoutMs });
    } catch (error) {
      if (!isTokenFault(error)) throw error;
    }
  }
  // The device is ours before the homeserver hears of it: a login whose answer is lost is repeated as the same device.
  const device = kept?.device ?? `BELLHOP${randomBytes(5).toString("hex").toUpperCase()}`;
  await writeJson(file, { device } satisfies Login);
  const given = await logIn(homeserver, { user: login.user, password: login.password.reveal(), device, timeoutMs });
  await writeJson(file, { device, token: given } satisfies Login);
  return whoAmI(new MatrixClient(homeserver, given), { variable, timeoutMs });
}

/** Whether it was our token that the homeserver did not take. */
export function isTokenFault(error: unknown): boolean {
  const cause = error instanceof Error && !(error instanceof MatrixError) ? error.cause : error;
  return cause instanceof MatrixError && cause.statusCode === 401;
}

export function tokenProblem(variable: string, why: string, cause?: unknown): Problem {
  const faults = `  ${variable}: the homeserver does not take it (${why}); docs/platforms/matrix.md says where to get a new one`;
  return problem("config_invalid", { count: 1, faults }, { cause });
}

const Login = z.object({ device: z.string(), token: z.string().optional() });
type Login = z.infer<typeof Login>;
const LoggedIn = z.object({ access_token: z.string() });
const Me = z.object({ user_id: z.string().regex(/^@[^:]*:./) });

async function whoAmI(client: MatrixClient, at: { variable: string; timeoutMs: number }): Promise<Session> {
  try {
    const me: unknown = await client.doRequest("GET", "/_matrix/client/v3/account/whoami", null, null, at.timeoutMs);
    return { client, account: Me.parse(me).user_id };
  } catch (error) {
    throw reason(error, { variable: at.variable, refused: [401, 403] });
  }
}

async function logIn(homeserver: string, at: { user: string; password: string; device: string; timeoutMs: number }): Promise<string> {
  const body = {
    type: "m.login.password",
    identifier: { type: "m.id.user", user: at.user },
    password: at.password,
    device_id: at.device,
    initial_device_display_name: `Bellhop on ${serverOf(homeserver).replace(/^\/\//, "")}`,
  };
  try {
    const answer: unknown = await new MatrixClient(homeserver, "").doRequest("POST", "/_matrix/client/v3/login", null, body, at.timeoutMs);
    return LoggedIn.parse(answer).access_token;
  } catch (error) {
    throw reason(error, { variable: "BELLHOP_MATRIX_PASSWORD", refused: [400, 401, 403] });
  }
}

function reason(error: unknown, { variable, refused }: { variable: string; refused: number[] }): Problem {
  const { why } = failureOf(error);
  if (error instanceof MatrixError && refused.includes(error.statusCode)) return tokenProblem(variable, why, error);
  return problem("platform_unavailable", { platform: "matrix", why }, { cause: error });
}
