import { STATUS_CODES } from "node:http";
import { callOverHttp, type HttpAnswer } from "@bellhop/gateway";
import type { webApi } from "@slack/bolt";

type Fetch = NonNullable<webApi.WebClientOptions["fetch"]>;
type Answer = Awaited<ReturnType<Fetch>>;

/** The SDK's calls, which it would make with `fetch`.
 *  @throws where it is led elsewhere: our token goes nowhere else, and an answer from there is none of Slack's */
export const request: Fetch = async (url, { method = "GET", headers = {}, body, signal } = {}) => {
  const address = String(url);
  const answer = await callOverHttp(address, { method, headers, ...(body && { body }), ...(signal && { signal }) });
  if (answer.status >= 300 && answer.status < 400) throw new Error(`led elsewhere: HTTP ${answer.status}`);
  return answerOf(address, answer);
};

function answerOf(url: string, { status, headers, bytes }: HttpAnswer): Answer {
  return {
    url,
    status,
    statusText: STATUS_CODES[status] ?? "",
    ok: status >= 200 && status < 300,
    headers: {
      get: (name) => headers[name.toLowerCase()]?.toString() ?? null,
      entries: () => Object.entries(headers).map(([name, value = ""]): [string, string] => [name, value.toString()]),
    },
    text: async () => bytes.toString("utf8"),
    json: async () => JSON.parse(bytes.toString("utf8")) as unknown,
    arrayBuffer: async () => new Uint8Array(bytes).buffer,
  };
}
