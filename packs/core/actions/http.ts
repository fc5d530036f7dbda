import { ActionFailed, defineAction, z } from "@bellhop/sdk";

/** The most of a body that is read, in bytes. */
const largest = 8 * 1024 * 1024;

const Result = z.object({
  status_code: z.int(),
  /** What the server said: read as JSON when it calls it JSON, else text. */
  body: z.unknown(),
  /** Whether `body` was read as JSON. */
  parsed: z.boolean(),
  headers: z.record(z.string(), z.string()),
});

export default defineAction({
  description: "Make an HTTP request",
  input: {
    url: z.url({ protocol: /^https?$/, error: "an address that starts with http:// or https://" }).describe("http or https."),
    method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"]).default("GET").describe("HTTP method."),
    headers: z.record(z.string(), z.string()).default({}).describe("Headers of the request."),
    params: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .describe("Added to the URL's query."),
    username: z.string().optional().describe("Whom the server knows, where it asks for user and password."),
    password: z.string().optional().describe("The password of that user."),
    body: z.string().optional().describe("Body of the request, as it is."),
    timeout: z.number().positive().max(3600).default(60).describe("Seconds until it is given up."),
    allow_redirects: z.boolean().default(false).describe("Whether to follow redirects."),
  },
  output: Result,
  secrets: ["password"],
  repeatable: { method: ["GET", "HEAD"] },
  timeout: 3660,
  run: async ({ input, signal }) => {
    if (input.body !== undefined && (input.method === "GET" || input.method === "HEAD")) {
      throw new ActionFailed(`${input.method} takes no body.`, { hint: "Say method=POST, or leave body out." });
    }
    const url = new URL(input.url);
    for (const [name, value] of Object.entries(input.params)) url.searchParams.append(name, String(value));
    const late = AbortSignal.timeout(input.timeout * 1000);
    try {
      const response = await fetch(url, {
        method: input.method,
        headers: headersOf(input),
        body: input.body,
        redirect: input.allow_redirects ? "follow" : "manual",
        signal: AbortSignal.any([signal, late]),
      });
      const result = await resultOf(response);
      if (response.ok) return result;
      throw new ActionFailed(`${url.host} said ${response.status} ${response.statusText}.`.replace(" .", "."), { result });
    } catch (error) {
      if (error instanceof ActionFailed || signal.aborted) throw error;
      if (late.aborted)
        throw new ActionFailed(`${url.host} did not answer within ${input.timeout} s.`, { hint: "timeout=SECONDS gives it longer." });
      throw new ActionFailed(`${url.host} can't be reached: ${causeOf(error)}.`, { cause: error });
    }
  },
});

/** Whatever case a name is written in, what was given comes in place of ours. */
function headersOf(input: { headers: Record<string, string>; username?: string; password?: string }): Headers {
  const { username, password = "" } = input;
  const headers = new Headers({ "user-agent": "bellhop" });
  // RFC 7617
  if (username !== undefined) headers.set("authorization", `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`);
  for (const [name, value] of Object.entries(input.headers)) headers.set(name, value);
  return headers;
}

async function resultOf(response: Response): Promise<z.infer<typeof Result>> {
  const text = await textOf(response);
  const headers = Object.fromEntries(response.headers);
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(headers["content-type"] ?? "");
  const json = isJson && text !== "" ? parsed(text) : undefined;
  return { status_code: response.status, body: json === undefined ? text : json.value, parsed: json !== undefined, headers };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > largest)
      throw new ActionFailed(`The answer is larger than ${largest / 1024 / 1024} MB.`, { result: { status_code: response.status } });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** fetch says "fetch failed"; what happened stands in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const message = cause instanceof Error ? cause.message : String(cause);
  return message === "" ? code : message;
}
