/** What has to be known of platforms: how a mention and a room's id are written, whom a space holds where people don't carry its name, and which space an
 *  account of ours is in. */
interface PlatformFacts {
  /** The mentioned person's id is the first group. */
  readonly mention: RegExp;
  /** Write this instead, for people whose mention was not understood. */
  readonly example: string;
  /** The space of somebody whose identity names none. `here`: that of the place they write in. */
  readonly space?: (id: string, here: string | undefined) => string | undefined;
  /** A room's id. */
  readonly room: RegExp;
  readonly spaceOfAccount?: (account: string) => string | undefined;
}

const platforms: ReadonlyMap<string, PlatformFacts> = new Map<string, PlatformFacts>([
  // docs.slack.dev, "Formatting message text": members' ids begin with U, those of an Enterprise Grid also with W.
  [
    "slack",
    {
      mention: /^(?:<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>|@([UW][A-Z0-9]{1,30}))$/,
      example: "slack:T1/U2",
      // docs.slack.dev, "Conversations API": channels begin with C, older private ones with G, direct messages with D.
      room: /^[CGD][A-Z0-9]{1,30}$/,
      spaceOfAccount: (account) => account.split("-")[0],
    },
  ],
  // discord.com/developers, "Message Formatting": `<@id>`, with `!` in older clients; `<@&id>` is a role. Ids are the same in every guild, so
  // whoever writes in a guild is one of it.
  [
    "discord",
    {
      mention: /^(?:<@!?(\d{5,25})>|@(\d{5,25}))$/,
      example: "discord:80351110224678912",
      space: (_, here) => here,
      room: /^\d{5,25}$/,
    },
  ],
  // A Matrix id says its own homeserver. A room holds people of many.
  [
    "matrix",
    {
      mention: /^(@[^\s:*]+:[^\s*/]+)$/,
      example: "matrix:@erin:example.org",
      space: (id) => (id.includes(":") ? id.slice(id.indexOf(":") + 1) : undefined),
      // spec.matrix.org, "Room IDs": opaque after the !.
      room: /^![^\s/]{1,254}$/,
      spaceOfAccount: (account) => (account.includes(":") ? account.slice(account.indexOf(":") + 1) : undefined),
    },
  ],
  // Nobody is called by name there. All prompts are one room.
  ["terminal", { mention: /$^/, example: "slack:T1/U2", room: /^prompt$/ }],
]);

/** The id that a word mentions, or undefined where it is no mention on this platform. */
export function mentionedId(platform: string, word: string): string | undefined {
  const found = platforms.get(platform)?.mention.exec(word);
  return found?.[1] ?? found?.[2];
}

/** The space of somebody whose identity names none, who writes in a place of the space `here`. */
export function homeOf(person: { platform: string; id: string }, here?: string): string | undefined {
  return platforms.get(person.platform)?.space?.(person.id, here);
}

/** Whether a text can be the id of a room there. */
export function isRoomId(platform: string, text: string): boolean {
  return platforms.get(platform)?.room.test(text) ?? false;
}

/** The space that an account of ours is in, where its name says so. */
export function spaceOfAccount(platform: string, account: string): string | undefined {
  return platforms.get(platform)?.spaceOfAccount?.(account);
}

/** An identity as it looks there. */
export function exampleIdentity(platform: string): string {
  return platforms.get(platform)?.example ?? "slack:T1/U2";
}
