import { startFakeDiscord, type RoomMessage } from "@bellhop/testkit/discord";
import {
  everybody,
  faultsOf,
  found,
  mentions,
  variablesOf,
  type OpenOptions,
  type Platform,
  type Said,
  type Shown,
  type Who,
  type Words,
} from "./platform.ts";

export async function openDiscord({ rooms, account }: OpenOptions): Promise<Platform> {
  const discord = await startFakeDiscord({ rateLimits: "off", resumeOverlap: 3, pressMs: 30_000 });
  const variables = variablesOf("discord", account);
  const { bot } = discord;
  const people = new Map(everybody.map((who) => [who, discord.createUser(who, { bot: who === "rover" })]));
  const channels = new Map(rooms.map((name) => [name, discord.createChannel(name)]));
  /** A thread is a channel of its own, by the message it is under. */
  const threads = new Map<string, string>();

  function person(who: Who): string {
    return found(people.get(who), who);
  }

  function channel(room = rooms[0] ?? ""): string {
    return found(channels.get(room), room);
  }

  function threadUnder({ id }: Said, parent: string): string {
    const thread = threads.get(id) ?? discord.createThread({ channel: parent, message: id });
    threads.set(id, thread);
    return thread;
  }

  function shownTo(who: Who): RoomMessage[] {
    return discord.sees(person(who)).filter(({ author }) => author === bot.userId);
  }

  /** As a client sends what people type. */
  function written(text: string): string {
    return text.replace(mentions, (_, who: Who) => `<@${person(who)}>`);
  }

  function said({ channel: where, id, who, prefix }: { channel: string; id: string; who: Who; prefix: string }): Said {
    return {
      id,
      answers: () =>
        shownTo(who)
          .filter((message) => message.channel === where && message.reply_to === id)
          .map(view),
      reactions() {
        const message = discord.room(where).find((one) => one.id === id);
        return (message?.reactions ?? []).filter(({ users }) => users.includes(bot.userId)).map(({ name }) => name);
      },
      edit: async (text) => discord.edit({ channel: where, id, text: prefix + written(text) }),
      remove: async () => discord.remove({ channel: where, id }),
      react: async (emoji) => discord.react({ channel: where, id, user: person(who), name: emoji }),
      unreact: async (emoji) => discord.unreact({ channel: where, id, user: person(who), name: emoji }),
    };
  }

  async function say({ text, who = "ana", room, thread, direct = false, mention = false, files = [] }: Words): Promise<Said> {
    const prefix = mention ? `<@${bot.userId}> ` : "";
    const words = prefix + written(text);
    if (direct) return said({ ...(await discord.dm(person(who), words, { files })), who, prefix });
    const where = thread === undefined ? channel(room) : threadUnder(thread, channel(room));
    const { id } = await discord.say({ channel: where, user: person(who), text: words, files });
    return said({ channel: where, id, who, prefix });
  }

  return {
    name: "discord",
    env: { [`${variables}_API_URL`]: discord.apiUrl, [`${variables}_TOKEN`]: bot.token },
    identity: (who) => `discord:${person(who)}`,
    roomId: channel,
    connections: () => discord.sockets(),
    say,
    press: (shown, label, who = "ana") => discord.press({ channel: shown.place, id: shown.id, user: person(who), label }),
    async submit(values, who = "ana") {
      await discord.waitUntil(() => discord.modal(person(who)) !== undefined);
      return await discord.submit({ user: person(who), values });
    },
    seenBy: (who) => shownTo(who).map(view),
    owes: () => false,
    onChange: (listener) => discord.onChange(listener),
    faults: faultsOf({
      fake: discord,
      plan: ({ posts, ...plan }) => discord.failCalls({ ...plan, ...(posts && { method: "POST /channels/:id/messages" }) }),
      events: (kind, times = 1) => discord.disturbEvents({ fault: { kind }, times }),
      refresh: () => discord.refreshSockets(),
      forget: () => discord.invalidateSessions(),
    }),
    close: async () => discord.close(),
  };
}

function view(message: RoomMessage): Shown {
  const { prose, code } = taken(message.text);
  const rows = code.find((block) => /^-+(\+-+)+$/m.test(block.replaceAll(" ", "")))?.split("\n");
  return {
    id: message.id,
    place: message.channel,
    text: prose,
    code,
    ...(rows !== undefined && {
      table: rows.filter((_, index) => index !== 1).map((row) => row.split(" | ").map((cell) => cell.trim())),
    }),
    files: message.files,
    only: message.only !== undefined,
    edited: message.edited,
  };
}

/** What people read, and what they see as code: there a backslash is only a backslash. */
function taken(text: string): { prose: string; code: string[] } {
  const code: string[] = [];
  const prose = text.replace(/\\([^\w\s])|```(?:[\w+#.-]+(?=\n))?\n?([^]*?)\n?```|(`{1,2})([^`]|[^`][^]*?[^`])\3(?!`)/g, (...match) => {
    const [, sign, block, , span] = match as (string | undefined)[];
    if (sign !== undefined) return sign;
    code.push(block ?? span?.replace(/^ (.*) $/, "$1") ?? "");
    return code.at(-1) ?? "";
  });
  return { prose: prose.replaceAll("\u200b", ""), code };
}
