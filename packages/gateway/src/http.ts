import type { IncomingHttpHeaders, RequestOptions, ClientRequest } from "node:http";

interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** One call, made by Node's own HTTP client: `fetch` takes three times the processor time, and 10 MB in a process that has an HTTP client already. Resolves
 *  when the answer is there to its end, so that whoever takes back the signal then has waited for all of it. Follows no redirect. */
export async function callOverHttp(url: string, { method, headers, body, signal }: HttpRequest): Promise<HttpAnswer> {
  const [content, start] = await Promise.all([contentOf(body), url.startsWith("https:") ? secure() : plain()]);
  return await new Promise<HttpAnswer>((resolve, reject) => {
    const options = { method, headers: { ...headers, ...content.headers }, ...(signal && { signal }) };
    const request = start(url, options);
    request.once("error", reject);
    request.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }));
    });
    request.end(content.bytes);
  });
}

/** What lies between may forget a connection that is not used for a minute, and tell nobody: the next call on it would wait for its time-out. Calls under way
 *  are not bounded by this. */
const agentOptions = { keepAlive: true, timeout: 30_000 } as const;

/** Begins a request on connections that are kept. */
type Start = (url: string, options: RequestOptions) => ClientRequest;

/** Node's HTTP takes 8 MB where it is imported: whoever calls nobody, as a prompt or `bellhop up` without chats, has none. */
const plain = once(async () => {
  const { Agent, request } = await import("node:http");
  const agent = new Agent(agentOptions);
  return (url, options) => request(url, { ...options, agent });
});
const secure = once(async () => {
  const { Agent, request } = await import("node:https");
  const agent = new Agent(agentOptions);
  return (url, options) => request(url, { ...options, agent });
});

function once(make: () => Promise<Start>): () => Promise<Start> {
  let made: Promise<Start> | undefined;
  return () => (made ??= make());
}

interface Content {
  readonly bytes?: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

async function contentOf(body: HttpRequest["body"]): Promise<Content> {
  if (body === undefined) return { headers: {} };
  if (typeof body === "string") return { bytes: body, headers: { "Content-Length": String(Buffer.byteLength(body)) } };
  const form = new Response(body);
  const bytes = new Uint8Array(await form.arrayBuffer());
  return { bytes, headers: { "Content-Type": form.headers.get("Content-Type") ?? "", "Content-Length": String(bytes.length) } };
}
