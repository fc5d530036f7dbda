import { startFakeSlack, type RoomMessage } from "@bellhop/testkit/slack";
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

export async function openSlack({ rooms, account }: OpenOptions): Promise<Platform> {
  // Gives up soon, so that what nobody acknowledged is found by reading back or not at all.
  const slack = await startFakeSlack({
    team: `T0${(account ?? "fake").toUpperCase()}`,
    ackTimeoutMs: 1_000,
    retryDelaysMs: [0, 500, 2_000],
    pressTimeoutMs: 30_000,
  });
  const variables = variablesOf("slack", account);
  const { bot } = slack;
  const people = new Map(everybody.map((who) => [who, slack.createUser(who, { bot: who === "rover" })]));
  const channels = new Map(rooms.map((name) => [name, slack.createChannel(name)]));

  /** What a thread hangs under, by channel and time: two channels may say something at the same time. */
  const roots = new Map<string, string>();
  const keyOf = (where: string, ts: string) => `${where} ${ts}`;

  function person(who: Who): string {
    return found(people.get(who), who);
  }

  function channel(room = rooms[0] ?? ""): string {
    return found(channels.get(room), room);
  }

  function shownTo(who: Who): RoomMessage[] {
    return slack.sees(person(who)).filter(({ user }) => user === bot.userId);
  }

  /** As a client sends what people type. */
  function written(text: string): string {
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    return escaped.replace(mentions, (_, who: Who) => `<@${person(who)}>`);
  }

  function said(at: { channel: string; ts: string; who: Who; direct: boolean; prefix: string }): Said {
    const { channel: where, ts, who } = at;
    const root = roots.get(keyOf(where, ts)) ?? ts;
    return {
      id: ts,
      answers: () =>
        shownTo(who)
          .filter((message) => message.channel === where && (at.direct ? Number(message.ts) > Number(ts) : message.thread_ts === root))
          .map(view),
      reactions() {
        const message = slack.room(where).find((one) => one.ts === ts);
        return (message?.reactions ?? []).filter(({ users }) => users.includes(bot.userId)).map(({ name }) => name);
      },
      edit: async (text) => slack.edit({ channel: where, ts, text: at.prefix + written(text) }),
      remove: async () => slack.remove({ channel: where, ts }),
      react: async (emoji) => slack.react({ channel: where, ts, user: person(who), name: nameOf(emoji) }),
      unreact: async (emoji) => slack.unreact({ channel: where, ts, user: person(who), name: nameOf(emoji) }),
    };
  }

  async function say({ text, who = "ana", room, thread, direct = false, mention = false, files = [] }: Words): Promise<Said> {
    const prefix = mention ? `<@${bot.userId}> ` : "";
    const words = prefix + written(text);
    if (direct) {
      return said({ ...(await slack.dm(person(who), words, { files })), who, direct, prefix });
    }
    const where = channel(room);
    const root = thread && (roots.get(keyOf(where, thread.id)) ?? thread.id);
    const { ts } = await slack.say({ channel: where, user: person(who), text: words, thread: root, files });
    if (root !== undefined) roots.set(keyOf(where, ts), root);
    return said({ channel: where, ts, who, direct, prefix });
  }

  return {
    name: "slack",
    env: { [`${variables}_API_URL`]: slack.apiUrl, [`${variables}_BOT_TOKEN`]: bot.token, [`${variables}_APP_TOKEN`]: bot.appToken },
    identity: (who) => `slack:${slack.team.id}/${person(who)}`,
    roomId: channel,
    connections: () => slack.sockets(),
    say,
    press: (shown, label, who = "ana") => slack.press({ channel: shown.place.split("/")[0] ?? "", ts: shown.id, user: person(who), label }),
    async submit(values, who = "ana") {
      await slack.waitUntil(() => slack.modal(person(who)) !== undefined, 20_000);
      return await slack.submit({ user: person(who), values });
    },
    seenBy: (who) => shownTo(who).map(view),
    owes: () => slack.unsettled().length > 0,
    onChange: (listener) => slack.onChange(listener),
    faults: faultsOf({
      fake: slack,
      plan: ({ posts, ...plan }) => slack.failCalls({ ...plan, ...(posts && { method: "chat.postMessage" }) }),
      events: (kind, times = 1) => slack.disturbEvents({ fault: { kind }, times }),
      refresh: () => slack.refreshSockets(),
    }),
    close: async () => slack.close(),
  };
}

function view(message: RoomMessage): Shown {
  const blocks = (message.blocks ?? []) as Block[];
  const rows = blocks.find(({ type }) => type === "table")?.rows;
  const sections = blocks.flatMap((block) => (block.text === undefined ? [] : [block.text.text]));
  const written = blocks.length > 0 ? sections.join("\n") : message.text;
  return {
    id: message.ts,
    place: `${message.channel}/${message.thread_ts ?? ""}`,
    text: read(written),
    code: [...written.matchAll(/```\n?([^]*?)\n?```|`([^`\n]+)`/g)].map(([, block, span]) => read(block ?? span ?? "")),
    ...(rows !== undefined && { table: rows.map((row) => row.map(({ text }) => text)) }),
    files: message.files,
    only: message.only !== undefined,
    edited: message.edited,
  };
}

/** As far as our own messages use Slack's blocks. */
interface Block {
  type: string;
  text?: { text: string };
  rows?: { text: string }[][];
}

/** As a client shows it. */
function read(text: string): string {
  return text.replaceAll("\u200b", "").replaceAll("\u02cb", "`").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Slack's own names (api.slack.com/reference: emoji are named). */
function nameOf(emoji: string): string {
  return found(
    new Map([
      ["❌", "x"],
      ["🛑", "octagonal_sign"],
      ["👍", "+1"],
    ]).get(emoji),
    emoji,
  );
}
