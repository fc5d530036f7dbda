import { STATUS_CODES } from "node:http";
import { callOverHttp, type HttpAnswer } from "@bellhop/gateway";
import type { RESTOptions } from "discord.js";

type MakeRequest = RESTOptions["makeRequest"];
type Answer = Awaited<ReturnType<MakeRequest>>;

/** The SDK's calls. It would make them with undici, whose WebAssembly takes 12 MB. */
export const makeRequest: MakeRequest = async (url, { method = "GET", headers, body, signal }) => {
  const answer = await callOverHttp(url, {
    method,
    // Of the forms that headers may have the SDK gives an object.
    headers: headers as Record<string, string>,
    ...(body && { body: bodyOf(body) }),
    ...(signal && { signal }),
  });
  return answerOf(answer);
};

/** The SDK gives JSON, or a form where files go along. */
function bodyOf(body: unknown): string | FormData {
  if (typeof body === "string" || body instanceof FormData) return body;
  throw new TypeError("this body is neither text nor a form");
}

function answerOf({ status, headers, bytes }: HttpAnswer): Answer {
  const pairs = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one]));
  return {
    status,
    statusText: STATUS_CODES[status] ?? "",
    ok: status >= 200 && status < 300,
    headers: new Headers(pairs),
    body: null,
    bodyUsed: true,
    text: async () => bytes.toString("utf8"),
    json: async () => JSON.parse(bytes.toString("utf8")) as unknown,
    arrayBuffer: async () => new Uint8Array(bytes).buffer,
  };
}
