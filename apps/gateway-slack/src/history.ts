/** A page of conversations.history or conversations.replies, as far as it is read here. */
export interface Page {
  messages?: Shown[];
  response_metadata?: { next_cursor?: string };
}

interface Shown {
  ts?: string;
  latest_reply?: string;
  /** Some of those who answered, and how many there are. */
  reply_users?: string[];
  reply_users_count?: number;
  edited?: { ts?: string };
}

/** Both give nothing where nothing can be had. */
export interface Pages {
  history(channel: string, oldest: string, cursor?: string): Promise<Page | undefined>;
  replies(channel: string, thread: string, oldest: string, cursor?: string): Promise<Page | undefined>;
}

export interface Missed {
  channel: string;
  /** A moment of Slack's clock: what was said after it. */
  from: string;
  /** Roots of threads in which we were spoken to; those that are older than `from` are read too. */
  threads: readonly string[];
  /** Roots before this are asked for one by one. */
  floor: string;
  pages: Pages;
  /** Our own ids. */
  ours: readonly string[];
  /** Whether what Slack would have sent is anything to us. */
  concerns: (body: unknown) => boolean;
}

/** What was said in a channel and its threads, as Slack would have sent it, oldest first. A message that was edited in the meantime comes as it reads now,
 *  and then as an edit: whoever heard it before the edit needs the one, whoever did not the other. */
export async function missedOf({ channel, from, threads, floor, pages, ours, concerns }: Missed): Promise<unknown[]> {
  const found = new Map<string, unknown[]>();
  const old = threads.filter((root) => isAfter(floor, root));
  const grown = new Set(old);

  function take(message: Shown): void {
    const { ts, edited } = message;
    if (ts === undefined || !isAfter(ts, from)) return;
    const bodies = [saidBody(channel, message)];
    if (edited?.ts !== undefined && isAfter(edited.ts, from)) bodies.push(editedBody(channel, message, edited.ts));
    const wanted = bodies.filter(concerns);
    if (wanted.length > 0) found.set(ts, wanted);
  }

  /** Most threads are a command and our answer to it. */
  function isOurs({ reply_users: users = [], reply_users_count: count }: Shown): boolean {
    return users.length > 0 && users.length === count && users.every((id) => ours.includes(id));
  }

  // How far back the roots go says how far the pages must, so that one page tells of many threads whether anything is new in them.
  const oldest = threads
    .filter((root) => !old.includes(root))
    .reduce((first, root) => (isAfter(first, root) ? justBefore(root) : first), from);
  for await (const message of each((cursor) => pages.history(channel, oldest, cursor))) {
    take(message);
    const { ts, latest_reply: newest } = message;
    if (ts !== undefined && newest !== undefined && isAfter(newest, from) && !isOurs(message)) grown.add(ts);
  }
  for (const root of grown) {
    for await (const message of each((cursor) => pages.replies(channel, root, from, cursor))) take(message);
  }
  return [...found].toSorted(([a], [b]) => Number(a) - Number(b)).flatMap(([, bodies]) => bodies);
}

async function* each(page: (cursor?: string) => Promise<Page | undefined>): AsyncGenerator<Shown> {
  for (let cursor: string | undefined; ;) {
    const got = await page(cursor);
    yield* got?.messages ?? [];
    cursor = got?.response_metadata?.next_cursor || undefined;
    if (cursor === undefined) return;
  }
}

function saidBody(channel: string, message: Shown): unknown {
  return { type: "event_callback", event: { ...message, type: "message", channel } };
}

function editedBody(channel: string, message: Shown, at: string): unknown {
  return { type: "event_callback", event: { type: "message", subtype: "message_changed", channel, message, event_ts: at } };
}

/** Slack's times are seconds with six digits after the point: a double keeps them apart. */
function isAfter(ts: string, than: string): boolean {
  return Number(ts) > Number(than);
}

/** The bounds of a page are not in it. */
function justBefore(ts: string): string {
  return (Number(ts) - 0.001).toFixed(6);
}
