import type { IncomingHttpHeaders } from "node:http";
import { isFields } from "@bellhop/contracts";
import type { Device, Homeserver, Media } from "./state.ts";

/** One request as a method sees it. */
export interface Call {
  method: string;
  /** Decoded segments after `/_matrix/client`; with `media` before them after `/_matrix`. */
  path: readonly string[];
  query: URLSearchParams;
  /** Parsed; undefined where the request had none, or a file. */
  body: unknown;
  bytes: Uint8Array;
  /** Of the bytes. */
  type?: string;
  token?: string;
}

/** The answer to a call that went well, or a thrown Refusal. */
export type Answer = Record<string, unknown> | unknown[] | Download;

/** An answer that is a file. */
export class Download {
  readonly media: Media;

  constructor(media: Media) {
    this.media = media;
  }
}

/** An error as the client-server API words it, thrown so that a look-up deep in a method can refuse for it. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, errcode: string, error: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
    super(`${errcode}: ${error}`);
    this.status = status;
    this.headers = headers;
    this.body = { errcode, error, ...more };
  }
}

/** @throws Refusal M_NOT_JSON for a body that can't be read */
export function readCall(request: { method: string; url: URL; headers: IncomingHttpHeaders; bytes: Buffer }): Call {
  const { method, url, headers, bytes } = request;
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? url.searchParams.get("access_token") ?? undefined;
  const path = url.pathname
    .replace(/^\/_matrix\/(?:client\/)?/, "")
    .split("/")
    .map(decodeURIComponent);
  const body = bytes.byteLength === 0 || path[0] === "media" ? undefined : parsed(bytes.toString("utf8"));
  return { method, path, query: url.searchParams, body, bytes, type: headers["content-type"], token };
}

/** Whose token it is. c-s API "Using access tokens": M_MISSING_TOKEN and M_UNKNOWN_TOKEN, both 401. */
export function deviceOf(server: Homeserver, { token }: Call): Device {
  if (token === undefined) throw new Refusal(401, "M_MISSING_TOKEN", "Missing access token");
  const device = server.devices.get(token);
  if (device === undefined) throw new Refusal(401, "M_UNKNOWN_TOKEN", "Invalid access token passed.", { soft_logout: false });
  return device;
}

/** c-s API "Standard error response": M_BAD_JSON for JSON that is no object. */
export function objectIn({ body }: Call): Record<string, unknown> {
  if (!isFields(body)) throw new Refusal(400, "M_BAD_JSON", "Content must be a JSON object.");
  return body;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "M_NOT_JSON", "Content not JSON.");
  }
}
