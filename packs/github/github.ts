import { Octokit } from "@octokit/core";
import { paginateRest, type PaginateInterface } from "@octokit/plugin-paginate-rest";
import { RequestError } from "@octokit/request-error";
import { ActionFailed, z, type ActionCall, type ConfigValues } from "@bellhop/sdk";
import type config from "./config.ts";

type Config = ConfigValues<typeof config>;

/** GitHub's API, as the configuration says. */
export type GitHub = Octokit & { paginate: PaginateInterface };

/** Asks GitHub.
 *  @param what what is asked for, for the words of a failure: `acme/shop#12`
 *  @throws ActionFailed that says what GitHub did not like, and what to do about it */
export async function askGitHub<Answer>(
  at: Pick<ActionCall<unknown, Config>, "config" | "log" | "signal"> & { what: string },
  ask: (github: GitHub) => Promise<Answer>,
): Promise<Answer> {
  const { config, log, signal, what } = at;
  const say = (level: "debug" | "info" | "warn" | "error") => (words: string) => log[level]({}, words);
  const github = new Client({
    auth: config.token,
    baseUrl: config.api.replace(/\/$/, ""),
    userAgent: "bellhop-pack-github",
    request: { signal },
    log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") },
  });
  try {
    return await ask(github);
  } catch (thrown) {
    throw thrown instanceof RequestError && !signal.aborted ? failureOf(thrown, { config, what }) : thrown;
  }
}

const Client = Octokit.plugin(paginateRest);

/** The first items of a list that comes in pages, and whether there are more.
 *  @param wanted which items count; absent: all */
export async function firstOf<Item>(
  pages: AsyncIterable<{ data: Item[] }>,
  { most, wanted = () => true }: { most: number; wanted?: (item: Item) => boolean },
): Promise<{ items: Item[]; more: boolean }> {
  const items: Item[] = [];
  for await (const { data } of pages) {
    for (const item of data.filter(wanted)) {
      if (items.length === most) return { items, more: true };
      items.push(item);
    }
  }
  return { items, more: false };
}

/** How many items to ask for at once: one request where that does.
 *  @param most that are wanted */
export function pageOf(most: number): number {
  // One more tells whether there are more. GitHub gives 100 at most.
  return Math.min(100, most + 1);
}

function failureOf(fault: RequestError, { config, what }: { config: Config; what: string }): ActionFailed {
  const { status, response } = fault;
  const because = { cause: fault };
  const host = new URL(config.api).host;
  if (response === undefined) return new ActionFailed(`${host} can't be reached: ${fault.message}.`, because);
  const headers = response.headers;
  const said = sentence(wordsOf(response.data));
  if (status === 401) {
    return new ActionFailed("GitHub does not accept the token.", {
      ...because,
      hint: "It may be over, or taken back. `bellhop pack config set github token=-` asks for another one.",
    });
  }
  if (status === 403 || status === 429) {
    const limited = limitOf(headers, said);
    if (limited !== undefined) {
      const hint = config.token === undefined ? "With a token there are 5,000 an hour: `bellhop pack config set github token=-`." : "";
      return new ActionFailed(limited, { ...because, hint });
    }
    const needed = headers["x-accepted-github-permissions"];
    const hint = `The token needs ${needed === undefined ? "more rights" : `one of these rights: ${needed}`}; see the README of this pack.`;
    return new ActionFailed(`GitHub does not allow that for ${what}: ${said}`, { ...because, hint });
  }
  if (status === 404) {
    const hint =
      config.token === undefined ? "Private ones need a token: `bellhop pack config set github token=-`." : "Or the token may not see it.";
    return new ActionFailed(`There is no ${what} on ${host}.`, { ...because, hint });
  }
  if (status >= 500)
    return new ActionFailed(`${host} said ${status}: ${said}`, { ...because, hint: "Try again later; githubstatus.com says more." });
  return new ActionFailed(`GitHub does not take that for ${what}: ${said}`, because);
}

/** Two kinds of limits: so many requests an hour, and not too many at once. See "Rate limits for the REST API" in GitHub's documentation. */
function limitOf(headers: Readonly<Record<string, string | number | undefined>>, said: string): string | undefined {
  const pause = Number(headers["retry-after"]);
  if (headers["x-ratelimit-remaining"] === "0" || headers["x-ratelimit-remaining"] === 0) {
    const at = new Date(Number(headers["x-ratelimit-reset"]) * 1000);
    const minutes = Math.max(1, Math.ceil((at.getTime() - Date.now()) / 60_000));
    const limit = headers["x-ratelimit-limit"];
    return `GitHub's ${limit} requests an hour are used up. There are new ones at ${at.toISOString().slice(11, 16)} UTC, in ${minutes} min.`;
  }
  if (Number.isFinite(pause)) return `GitHub asks for a pause of ${pause} s: too much was asked at once.`;
  return /secondary rate limit/i.test(said) ? "GitHub asks for a pause of a minute: too much was asked at once." : undefined;
}

const Said = z.object({
  message: z.string(),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string().optional(), field: z.string().optional(), code: z.string() })]))
    .default([]),
});

/** What GitHub says of a fault; a proxy in between may say something else. */
function wordsOf(data: unknown): string {
  const said = Said.safeParse(data);
  if (!said.success) return "no reason given";
  const { message, errors } = said.data;
  const why = errors.map((error) =>
    typeof error === "string" ? error : (error.message ?? `${error.field ?? "something"} is ${error.code}`),
  );
  return [message, ...why].join("; ");
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
