import { gatewayConfig, type GatewayConfig, type PlatformSettings } from "@bellhop/gateway";
import { Secret, type Env } from "@bellhop/service";
import { z } from "zod";

export type MatrixConfig = GatewayConfig<MatrixSettings>;

/** One account on a homeserver. */
export interface MatrixSettings {
  /** The client-server API's address, such as https://matrix.example.org. */
  homeserver: string;
  login: { token: Secret } | { user: string; password: Secret };
  /** Whose invitations are accepted: `@ana:example.org`, `*:example.org`, `*`. Absent: everybody's on the bot's own homeserver. */
  inviters?: readonly string[];
}

const Inviters = z
  .union([z.string(), z.array(z.string())], "expected @user:server, *:server or *, with commas between several")
  .transform((value) => (typeof value === "string" ? value.split(",").map((part) => part.trim()) : value))
  .pipe(z.array(z.string().regex(/^(\*|[@*][^\s:]*:\S+)$/, "expected @user:server, *:server or *")));

export const matrixSettings: PlatformSettings<MatrixSettings> = {
  platform: "matrix",
  secrets: ["token", "password"],
  own: ["user"],
  shared: ["homeserver", "inviters"],
  schema: z
    .object({
      homeserver: z.url({ protocol: /^https?$/, error: "expected a URL such as https://matrix.example.org" }),
      token: z.string().optional(),
      user: z.string({ error: "expected the bot's user name" }).optional(),
      password: z.string().optional(),
      inviters: Inviters.optional(),
    })
    .superRefine(({ token, user, password }, context) => {
      if (token !== undefined) return;
      const message = "missing: give the account's token, or its user and its password";
      if (user === undefined) context.addIssue({ code: "custom", path: ["user"], message });
      if (password === undefined) context.addIssue({ code: "custom", path: ["password"], message });
    })
    .transform(({ homeserver, token, user = "", password = "", inviters }) => ({
      homeserver: homeserver.replace(/\/+$/, ""),
      login: token === undefined ? { user, password: new Secret(password) } : { token: new Secret(token) },
      inviters,
    })),
};

/** @throws Problem config_invalid with all faults at once */
export function matrixConfig(env: Env): MatrixConfig {
  return gatewayConfig(env, matrixSettings);
}
