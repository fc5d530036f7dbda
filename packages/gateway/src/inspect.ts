import { callOverHttp } from "./http.ts";

/** What a platform says of an account when it is asked. */
export interface Inspection {
  /** Who we are there, for people. */
  found: string;
  faults: { what: string; hint: string; /** Nothing works without it. */ grave: boolean }[];
  /** How far this machine's clock is ahead of the platform's, in milliseconds, where it says its time. */
  skewMs?: number;
}

/** What a platform answered.
 *  `skewMs`: how far this machine's clock is ahead, in milliseconds; absent where the platform says no time. */
export interface InspectAnswer {
  status: number;
  header(name: string): string | undefined;
  json: unknown;
  skewMs?: number;
}

/** One question to a platform. @throws Error where it can't be reached, or answers no JSON */
export async function askPlatform(
  url: string,
  at: { method?: string; headers: Readonly<Record<string, string>>; body?: string; signal: AbortSignal },
): Promise<InspectAnswer> {
  const { method = "GET", headers, body, signal } = at;
  const began = Date.now();
  const { status, headers: given, bytes } = await callOverHttp(url, { method, headers, body, signal });
  const header = (name: string) => [given[name] ?? []].flat().at(0);
  const said = Date.parse(header("date") ?? "");
  // It says whole seconds, of some moment on the way there and back.
  const skewMs = Number.isNaN(said) ? undefined : Math.round((began + Date.now()) / 2 - said - 500);
  return { status, header, json: parsed(bytes.toString("utf8"), status), ...(skewMs === undefined ? {} : { skewMs }) };
}

function parsed(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`it answers ${status}, and no JSON`);
  }
}
