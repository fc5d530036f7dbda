import type { ServerFacts } from "./bus.ts";
import { streamState } from "./contents.ts";
import type { Link } from "./link.ts";

interface AccountInfo {
  storage?: number;
  limits?: { max_storage?: number };
  error?: { description: string };
}

const answerMs = 2_000;

/** What the server says of itself and of this account. */
export async function serverFacts(link: Link, stream: string): Promise<ServerFacts> {
  const { version = "?", max_payload: maxPayload = 0, connect_urls: others = [] } = link.nc.info ?? {};
  const facts = { version, maxPayload, servers: Math.max(1, others.length) };
  const account = await accountInfo(link);
  if (account === undefined || account.error !== undefined) return { ...facts, jetStream: false };
  const { storage = 0, limits } = account;
  const limit = limits?.max_storage ?? -1;
  const state = await streamState(link, stream);
  return {
    ...facts,
    jetStream: true,
    storage: { used: storage, ...(limit < 0 ? {} : { limit }) },
    ...(state === undefined ? {} : { now: Date.parse(state.now) }),
  };
}

/** Asked once: where nobody answers, JetStream is off. */
async function accountInfo(link: Link): Promise<AccountInfo | undefined> {
  try {
    return (await link.nc.request("$JS.API.INFO", "", { timeout: answerMs })).json<AccountInfo>();
  } catch {
    return undefined;
  }
}
