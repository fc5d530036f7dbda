import { commonConfig, loadConfig, Secret, type CommonConfig, type Env } from "@bellhop/service";
import { z } from "zod";

export interface MatrixConfig extends CommonConfig {
  matrix: MatrixSettings;
}

export interface MatrixSettings {
  /** The client-server API's address, such as https://matrix.example.org. */
  homeserver: string;
  login: { token: Secret } | { user: string; password: Secret };
  /** Whose invitations are accepted: `@ana:example.org`, `*:example.org`, `*`. Absent: everybody's on the bot's own homeserver. */
  inviters?: readonly string[];
}

/** BELLHOP_MATRIX_HOMESERVER; BELLHOP_MATRIX_TOKEN, or BELLHOP_MATRIX_USER and BELLHOP_MATRIX_PASSWORD; BELLHOP_MATRIX_INVITERS. What is no
 *  secret may stand in bellhop.yaml as `matrix.homeserver`, `matrix.user`, `matrix.inviters`. All faults at once.
 *  @throws Problem config_invalid */
export function matrixConfig(env: Env): MatrixConfig {
  const common = commonConfig(env, "gateway");
  const inFile = InFile.safeParse(common.file.matrix).data;
  const values = loadConfig({
    schema: Values,
    values: {
      BELLHOP_MATRIX_HOMESERVER: inFile?.homeserver,
      BELLHOP_MATRIX_USER: inFile?.user,
      BELLHOP_MATRIX_INVITERS: inFile?.inviters,
      ...given(env),
    },
    where: "the environment; docs/platforms/matrix.md says where to get it",
  });
  const { BELLHOP_MATRIX_TOKEN: token, BELLHOP_MATRIX_USER: user = "", BELLHOP_MATRIX_PASSWORD: password = "" } = values;
  return {
    ...common,
    matrix: {
      homeserver: values.BELLHOP_MATRIX_HOMESERVER.replace(/\/+$/, ""),
      login: token === undefined ? { user, password: new Secret(password) } : { token: new Secret(token) },
      inviters: values.BELLHOP_MATRIX_INVITERS,
    },
  };
}

const InFile = z.object({ homeserver: z.unknown().optional(), user: z.unknown().optional(), inviters: z.unknown().optional() });

const Inviters = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").map((part) => part.trim()) : value),
  z.array(z.string().regex(/^(\*|[@*][^\s:]*:\S+)$/, "expected @user:server, *:server or *")),
);

const Values = z
  .object({
    BELLHOP_MATRIX_HOMESERVER: z.url({ protocol: /^https?$/, error: "expected a URL such as https://matrix.example.org" }),
    BELLHOP_MATRIX_TOKEN: z.string().optional(),
    BELLHOP_MATRIX_USER: z.string({ error: "expected the bot's user name" }).optional(),
    BELLHOP_MATRIX_PASSWORD: z.string().optional(),
    BELLHOP_MATRIX_INVITERS: Inviters.optional(),
  })
  .superRefine((values, context) => {
    if (values.BELLHOP_MATRIX_TOKEN !== undefined) return;
    const message = "missing: give BELLHOP_MATRIX_TOKEN, or BELLHOP_MATRIX_USER and BELLHOP_MATRIX_PASSWORD";
    if (values.BELLHOP_MATRIX_USER === undefined) context.addIssue({ code: "custom", path: ["BELLHOP_MATRIX_USER"], message });
    if (values.BELLHOP_MATRIX_PASSWORD === undefined) context.addIssue({ code: "custom", path: ["BELLHOP_MATRIX_PASSWORD"], message });
  });

/** An empty variable is one that is not set. */
function given(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
}
