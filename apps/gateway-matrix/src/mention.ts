/** Who we are on the homeserver. */
export interface Self {
  /** `@bellhop:example.org`: our account. */
  account: string;
  displayName?: string;
}

/** How long the mention of us is that a text begins with, 0 where there is none. It counts where it begins the message: further on somebody may
 *  just be talking about the bot, and a reply mentions whom it answers. A name alone may begin any sentence: it takes a mention, a colon or a comma.
 *  @param text with people's ids: see {@link withIds}
 *  @param at.mentions whom the writer's client says it means: user ids */
export function mentionIn(text: string, at: { mentions: readonly string[] | undefined; self: Self }): number {
  const { account, displayName } = at.self;
  const mentioned = at.mentions?.includes(account) ?? false;
  const localpart = account.slice(1, account.indexOf(":"));
  const names = [
    { name: account, sure: true },
    { name: displayName ?? "", sure: mentioned },
    { name: `@${localpart}`, sure: mentioned },
    { name: localpart, sure: mentioned },
  ];
  for (const { name, sure } of names) {
    if (name === "" || text.slice(0, name.length).toLowerCase() !== name.toLowerCase()) continue;
    const end = /^(?:\s*[:,]\s*|\s+|$)/.exec(text.slice(name.length))?.[0];
    // In `@bellhop:elsewhere.org` the colon is part of somebody else's id.
    if (name === `@${localpart}` && /^:\S/.test(text.slice(name.length))) continue;
    if (end !== undefined && (sure || /[:,]/.test(end))) return name.length + end.length;
  }
  return 0;
}

/** A text with the ids of the people whom its HTML mentions, where clients write names: names are anybody's. */
export function withIds(text: string, html: string): string {
  // As some clients write a mention in the text itself.
  let spelled = text.replace(
    /\[[^[\]\n]*\]\(https:\/\/matrix\.to\/#\/([^\s()?]+)(?:\?[^\s()]*)?\)/g,
    (link, id: string) => userIn(id) ?? link,
  );
  const shown = html.slice(html.startsWith("<mx-reply>") ? html.indexOf("</mx-reply>") : 0);
  const found = [...shown.matchAll(pill)].slice(0, mostPeople).flatMap(({ 1: id = "", 2: inner = "", index }) => {
    const user = userIn(id);
    const name = plain(inner).replace(/^@/, "");
    if (user === undefined || name === "") return [];
    // The same word may stand before it and mean nobody.
    const at = places(spelled, name)[places(plain(shown.slice(0, index)), name).length];
    return at === undefined ? [] : [{ user, from: at - (spelled[at - 1] === "@" ? 1 : 0), to: at + name.length }];
  });
  for (const { user, from, to } of found.toSorted((a, b) => b.from - a.from)) spelled = spelled.slice(0, from) + user + spelled.slice(to);
  return spelled;
}

const pill = /<a href="https:\/\/matrix\.to\/#\/([^"?]+)(?:\?[^"]*)?">([^<]*)<\/a>/g;
const mostPeople = 20;

/** A room's address has another sign. */
function userIn(address: string): string | undefined {
  try {
    const id = decodeURIComponent(address);
    return /^@[^\s/]+:[^\s/]+$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Where a name stands as a word of its own. */
function places(text: string, name: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    if (
      !/[\p{L}\p{N}_]$/u.test(text.slice(Math.max(0, at - 2), at)) &&
      !/^[\p{L}\p{N}_]/u.test(text.slice(at + name.length, at + name.length + 2))
    )
      found.push(at);
  }
  return found;
}

function plain(html: string): string {
  return html.replace(/<[^<>]*>/g, "").replace(/&(amp|lt|gt|quot|#39);/g, (_, entity: string) => characters[entity] ?? "");
}

const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
