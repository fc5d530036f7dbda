import { request as requestPlain, type IncomingMessage, type RequestOptions } from "node:http";
import { request as requestTls } from "node:https";
import { getCACertificates, TLSSocket } from "node:tls";
import { ActionFailed, z } from "@bellhop/sdk";
import type { Reach } from "./reach.ts";

export interface Wanted {
  url: string;
  status?: readonly number[];
  text?: string;
  tls_days: number;
  timeout: number;
}

/** How addresses are asked. */
export interface Asking {
  readonly reach: Reach;
  /** Authorities that are trusted beside the usual ones, as PEM. */
  readonly ca?: string;
  readonly signal: AbortSignal;
}

/** What was found out about an address. */
export const Found = z.object({
  up: z.boolean(),
  /** Why it is not up, e.g. `it said 503, not 200 to 299`. */
  why: z.string().optional(),
  status: z.int().optional(),
  /** Milliseconds until the answer began, redirects included. */
  ms: z.int().optional(),
  /** Full days until the first certificate on the way is over. */
  tls_days: z.int().optional(),
  /** Where it was sent on to, in order. */
  redirects: z.array(z.string()),
});
export type Found = z.infer<typeof Found>;

/** Looks at an address once. What is wrong with it is in the answer; it throws where the address may not be looked at, or on `signal`. */
export async function checkAddress(wanted: Wanted, by: Asking): Promise<Found> {
  const found: Found = { up: false, redirects: [] };
  const late = AbortSignal.timeout(wanted.timeout * 1000);
  const signal = AbortSignal.any([by.signal, late]);
  const began = performance.now();
  try {
    let url = new URL(wanted.url);
    for (;;) {
      const answer = await get(url, { ...by, signal });
      const days = daysLeft(answer);
      if (days !== undefined) found.tls_days = Math.min(days, found.tls_days ?? days);
      const next = expects(wanted, answer.statusCode) ? undefined : sentOnTo(answer, url);
      if (next === undefined) {
        found.status = answer.statusCode;
        found.ms = Math.round(performance.now() - began);
        found.why = await faultOf(answer, { wanted, found });
        found.up = found.why === undefined;
        return found;
      }
      answer.destroy();
      found.redirects.push(shown(next));
      if (!/^https?:$/.test(next.protocol)) return { ...found, why: `it sends on to ${next.protocol}, which is no web address` };
      if (found.redirects.length > mostRedirects) return { ...found, why: `it sends on more than ${mostRedirects} times` };
      url = next;
    }
  } catch (thrown) {
    // An ActionFailed is what `reach` refused.
    if (thrown instanceof ActionFailed || by.signal.aborted) throw thrown;
    return { ...found, why: late.aborted ? `it did not answer within ${wanted.timeout} s` : faultWords(thrown) };
  }
}

/** An address as it may be shown: without what one logs in with. */
export function shown(url: URL): string {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare.pathname === "/" && bare.search === "" && bare.hash === "" ? bare.origin : bare.href;
}

const mostRedirects = 5;

/** Bytes of an answer that are looked through. */
const mostRead = 1024 * 1024;

function get(url: URL, by: Asking): Promise<IncomingMessage> {
  by.reach.admit(url.hostname);
  const options: RequestOptions & { ca?: string[] } = {
    // A connection of its own: what one check left open must not make the next one look fast, or well.
    agent: false,
    lookup: by.reach.lookup,
    signal: by.signal,
    headers: { "user-agent": "bellhop-http-check", accept: "*/*" },
    ...(by.ca === undefined ? {} : { ca: [...getCACertificates(), by.ca] }),
  };
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? requestTls(url, options) : requestPlain(url, options);
    request.on("response", resolve).on("error", reject).end();
  });
}

function daysLeft({ socket }: IncomingMessage): number | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const until = Date.parse(socket.getPeerCertificate().valid_to);
  return Number.isNaN(until) ? undefined : Math.floor((until - Date.now()) / 86_400_000);
}

function expects({ status }: Wanted, said = 0): boolean {
  return status === undefined ? said >= 200 && said <= 299 : status.includes(said);
}

function sentOnTo({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  return URL.canParse(headers.location, from.href) ? new URL(headers.location, from) : undefined;
}

async function faultOf(answer: IncomingMessage, { wanted, found }: { wanted: Wanted; found: Found }): Promise<string | undefined> {
  if (!expects(wanted, answer.statusCode)) {
    answer.destroy();
    return `it said ${answer.statusCode}, not ${wanted.status?.join(" or ") ?? "200 to 299"}`;
  }
  if (wanted.text === undefined) answer.destroy();
  else if (!(await textOf(answer)).includes(wanted.text)) return `its answer does not contain "${wanted.text}"`;
  if (found.tls_days !== undefined && found.tls_days < wanted.tls_days)
    return `its certificate is good for ${days(found.tls_days)} more, not ${wanted.tls_days}`;
  return undefined;
}

export function days(count: number): string {
  return `${count} ${count === 1 ? "day" : "days"}`;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop closes the connection.
    if (size >= mostRead) break;
  }
  return Buffer.concat(chunks).subarray(0, mostRead).toString("utf8");
}

function faultWords(thrown: unknown): string {
  // Where a host has several addresses and none answers, each has its own fault.
  const fault: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  if (!(fault instanceof Error)) return String(fault);
  const code = "code" in fault ? String(fault.code) : "";
  return words[code] ?? (code.startsWith("HPE_") ? "it does not speak HTTP" : `it can't be reached: ${fault.message || code}`);
}

/** Node's and OpenSSL's names of what people meet. */
const words: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "its name can't be looked up now",
  ECONNREFUSED: "it refuses connections",
  ECONNRESET: "it broke the connection off",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to its network",
  ETIMEDOUT: "it does not answer",
  EPROTO: "it does not speak TLS as it should",
  CERT_HAS_EXPIRED: "its certificate is over",
  CERT_NOT_YET_VALID: "its certificate is not good yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it signed its certificate itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of an authority that is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of an authority that is not trusted here, or one between is missing",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is of an authority that is not trusted here",
};
