import type { IncomingHttpHeaders } from "node:http";

/** One Web API call, whichever way it was spelled. */
export interface Call {
  method: string;
  /** Every argument as the text a form would carry; structures are JSON. The token is not among them. */
  args: Record<string, string>;
  token?: string;
  /** Where the token stood: some methods take it from one place only. */
  tokenIn?: "header" | "form";
}

/** Reads a call from its HTTP request. A JSON body must bring its token in the header (docs.slack.dev/apis/web-api/#post_json), so one in the
 *  body is left unread. Undefined when the body can't be read. */
export function readCall(request: { url: URL; headers: IncomingHttpHeaders; body: string }): Call | undefined {
  const isJson = (request.headers["content-type"] ?? "").startsWith("application/json");
  const body = isJson ? jsonArguments(request.body) : Object.fromEntries(new URLSearchParams(request.body));
  if (!body) return undefined;
  const { token: inForm, ...args } = { ...Object.fromEntries(request.url.searchParams), ...body };
  const inHeader = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const call: Call = { method: request.url.pathname.replace(/^\/api\//, ""), args };
  if (inHeader) return { ...call, token: inHeader, tokenIn: "header" };
  return inForm && !isJson ? { ...call, token: inForm, tokenIn: "form" } : call;
}

function jsonArguments(body: string): Record<string, string> | undefined {
  const parsed = parseJson(body || "{}");
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const given = Object.entries(parsed).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]));
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
