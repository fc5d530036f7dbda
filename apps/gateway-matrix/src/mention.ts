/** Who we are on the homeserver. */
export interface Self {
  /** `@bellhop:example.org`: our account. */
  account: string;
  displayName?: string;
}

/** How long the mention of us is that a text begins with, 0 where there is none. It counts where it begins the message: further on somebody may
 *  just be talking about the bot, and a reply mentions whom it answers. A name alone may begin any sentence: it takes a mention, a colon or a comma.
 *  @param at.html the same text as HTML
 *  @param at.mentions whom the writer's client says it means: user ids */
export function mentionIn(body: string, at: { html: string | undefined; mentions: readonly string[] | undefined; self: Self }): number {
  const { account, displayName } = at.self;
  const mentioned = at.mentions?.includes(account) ?? false;
  const localpart = account.slice(1, account.indexOf(":"));
  const pill = pillName(at.html ?? "", account);
  const written = `](https://matrix.to/#/${account})`;
  const link = body.startsWith("[") ? body.slice(0, body.indexOf(written) + written.length) : "";
  const names = [
    { name: link.endsWith(written) && !link.includes("\n") ? link : "", sure: true },
    { name: account, sure: true },
    { name: pill ?? "", sure: true },
    { name: displayName ?? "", sure: mentioned },
    { name: `@${localpart}`, sure: mentioned },
    { name: localpart, sure: mentioned },
  ];
  for (const { name, sure } of names) {
    if (name === "" || body.slice(0, name.length).toLowerCase() !== name.toLowerCase()) continue;
    const end = /^(?:\s*[:,]\s*|\s+|$)/.exec(body.slice(name.length))?.[0];
    // In `@bellhop:elsewhere.org` the colon is part of somebody else's id.
    if (name === `@${localpart}` && /^:\S/.test(body.slice(name.length))) continue;
    if (end !== undefined && (sure || /[:,]/.test(end))) return name.length + end.length;
  }
  return 0;
}

/** The name that a client wrote for us where the HTML begins with a mention of us. */
function pillName(html: string, account: string): string | undefined {
  const [, id, name] = /^\s*(?:<p>\s*)?<a href="https:\/\/matrix\.to\/#\/([^"?]+)(?:\?[^"]*)?">([^<]*)<\/a>/.exec(withoutReply(html)) ?? [];
  if (id !== account && id !== encodeURIComponent(account)) return undefined;
  return name?.replace(/&(amp|lt|gt|quot|#39);/g, (_, entity: string) => characters[entity] ?? "");
}

function withoutReply(html: string): string {
  const end = html.startsWith("<mx-reply>") ? html.indexOf("</mx-reply>") : -1;
  return end < 0 ? html : html.slice(end + "</mx-reply>".length);
}

const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
