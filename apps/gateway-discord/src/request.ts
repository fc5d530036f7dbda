import { Agent, request as requestPlainly, STATUS_CODES, type IncomingMessage } from "node:http";
import { Agent as SecureAgent, request as requestSecurely } from "node:https";
import type { RESTOptions } from "discord.js";

type MakeRequest = RESTOptions["makeRequest"];
type Answer = Awaited<ReturnType<MakeRequest>>;

const plain = new Agent({ keepAlive: true });
const secure = new SecureAgent({ keepAlive: true });

/** The SDK's calls, made by Node's own HTTP client. The SDK would make them with undici, whose WebAssembly takes 12 MB in a process that has an HTTP client
 *  already. Resolves when the answer is there to its end: the SDK's time-out ends when this does. */
export const makeRequest: MakeRequest = async (url, { method, headers, body, signal }) => {
  const content = await contentOf(body);
  return await new Promise<Answer>((resolve, reject) => {
    // Of the forms that headers may have the SDK gives an object.
    const options = { method, headers: { ...(headers as Record<string, string>), ...content.headers }, ...(signal ? { signal } : {}) };
    const request = url.startsWith("https:")
      ? requestSecurely(url, { ...options, agent: secure })
      : requestPlainly(url, { ...options, agent: plain });
    request.once("error", reject);
    request.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => resolve(answerOf(response, Buffer.concat(chunks))));
    });
    request.end(content.bytes);
  });
};

interface Content {
  bytes?: string | Uint8Array;
  headers: Record<string, string>;
}

/** The SDK gives JSON, or a form where files go along. */
async function contentOf(body: unknown): Promise<Content> {
  if (body === undefined || body === null) return { headers: {} };
  if (typeof body === "string") return { bytes: body, headers: { "Content-Length": String(Buffer.byteLength(body)) } };
  if (!(body instanceof FormData)) throw new TypeError("this body is neither text nor a form");
  const form = new Response(body);
  const bytes = new Uint8Array(await form.arrayBuffer());
  return { bytes, headers: { "Content-Type": form.headers.get("Content-Type") ?? "", "Content-Length": String(bytes.length) } };
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, bytes: Buffer): Answer {
  const pairs = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one]));
  return {
    status: statusCode,
    statusText: STATUS_CODES[statusCode] ?? "",
    ok: statusCode >= 200 && statusCode < 300,
    headers: new Headers(pairs),
    body: null,
    bodyUsed: true,
    text: async () => bytes.toString("utf8"),
    json: async () => JSON.parse(bytes.toString("utf8")) as unknown,
    arrayBuffer: async () => new Uint8Array(bytes).buffer,
  };
}
