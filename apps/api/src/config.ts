import { commonConfig, loadConfig, Secret, type CommonConfig, type Env } from "@bellhop/service";
import { z } from "zod";

export interface ApiConfig extends CommonConfig {
  /** Absent: the API is off. */
  listen?: { host: string; port: number };
  /** The largest body, in bytes. */
  bodyLimit: number;
  /** Requests a second, for each key and for each hook that is signed; as many again at once. */
  rate: number;
  /** Whether what an event says has to fit the schema of its trigger. */
  checkTriggers: boolean;
  /** By path: how what comes there is signed. A hook that is not named wants an API key. */
  hooks: Readonly<Record<string, HookConfig>>;
}

export interface HookConfig {
  signature: "github" | "slack" | "generic";
  /** Any of them: while senders go over to another there are two. */
  secrets: readonly Secret[];
  /** Of generic ones: where the HMAC-SHA256 of the body stands, in hexadecimal or base64. */
  header: string;
}

/** Whoever knows that there is none could sign with nothing. */
const signing = z
  .instanceof(Secret, { error: "expected the secret that the sender signs with" })
  .refine((secret) => secret.reveal() !== "", "expected the secret that the sender signs with, or no such line");

const hook = z.object({
  signature: z.enum(["github", "slack", "generic"]).describe("Whose way of signing: GitHub's, Slack's, or an HMAC-SHA256 in a header."),
  token: signing.describe("The secret that the sender signs with."),
  previousToken: signing.optional().describe("The secret before that one, which is taken as well while senders go over to the new one."),
  header: z.string().default("X-Signature").describe("Of generic ones: the header with the signature, in hexadecimal or base64."),
});

const place = "expected HOST:PORT or PORT";

/** What the API reads of bellhop.yaml. */
export const ApiFile = z.object({
  api: z
    .object({
      listen: z
        .union([z.int(place).min(0, place).max(65_535, place), z.string().regex(/^(.*:)?\d{1,5}$/, place)], place)
        .optional()
        .describe("Where to listen: PORT on this machine alone, or HOST:PORT. Absent: nowhere."),
      bodyLimit: z.coerce
        .number<number>()
        .int()
        .min(1024)
        .default(1024 * 1024)
        .describe("The largest body, in bytes."),
      rate: z.coerce.number<number>().min(1).default(100).describe("Requests a second, for each key and each signed hook."),
      checkTriggers: z
        .boolean()
        .default(true)
        .describe("Whether an event that names its trigger is refused where what it says does not fit the trigger's schema."),
      hooks: z.record(z.string(), hook).default({}).describe("How what comes to a webhook's path is signed."),
    })
    .prefault({}),
});

/** `api:` of bellhop.yaml; BELLHOP_API_LISTEN wins over it. @throws Problem config_invalid */
export function apiConfig(env: Env): ApiConfig {
  const common = commonConfig(env, "api");
  const file = common.file.api;
  const given = env.BELLHOP_API_LISTEN === undefined ? {} : { listen: env.BELLHOP_API_LISTEN };
  const api = { ...(typeof file === "object" && file !== null ? file : {}), ...given };
  const { api: values } = loadConfig({ schema: ApiFile, values: { api }, where: "bellhop.yaml or the environment" });
  const hooks = Object.fromEntries(
    Object.entries(values.hooks).map(([path, { signature, token, previousToken, header }]) => [
      trimmed(path),
      { signature, secrets: previousToken === undefined ? [token] : [token, previousToken], header },
    ]),
  );
  const { listen, bodyLimit, rate, checkTriggers } = values;
  return { ...common, bodyLimit, rate, checkTriggers, hooks, ...(listen === undefined ? {} : { listen: address(String(listen)) }) };
}

/** Slashes around a webhook's path mean nothing. */
export function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}

function address(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(":");
  const host = at < 0 ? "127.0.0.1" : text.slice(0, at).replace(/^\[|\]$/g, "");
  return { host: host === "" ? "0.0.0.0" : host, port: Number(text.slice(at + 1)) };
}
