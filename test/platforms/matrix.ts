import { startFakeMatrix, type CallFault as MatrixFault, type Content, type RoomMessage } from "@bellhop/testkit/matrix";
import {
  everybody,
  faultsOf,
  found,
  mentions,
  variablesOf,
  type CallFault,
  type OpenOptions,
  type Platform,
  type Said,
  type Shown,
  type Who,
  type Words,
} from "./platform.ts";

export async function openMatrix({ rooms, account }: OpenOptions): Promise<Platform> {
  // Little at a time, so that an absence leaves gaps.
  const matrix = await startFakeMatrix({ name: `${account ?? "fake"}.example`, largestTimeline: 10 });
  const variables = variablesOf("matrix", account);
  const { bot } = matrix;
  const people = new Map(everybody.map((who) => [who, matrix.createUser(who, { bot: who === "rover" })]));
  const members = [...people.values()];
  const chambers = new Map(rooms.map((name) => [name, matrix.createRoom(name, { members })]));

  /** The first message of a thread, by each in it. */
  const roots = new Map<string, string>();

  function person(who: Who): string {
    return found(people.get(who), who);
  }

  function chamber(room = rooms[0] ?? ""): string {
    return found(chambers.get(room), room);
  }

  function shownTo(who: Who): RoomMessage[] {
    return matrix.sees(person(who)).filter(({ user }) => user === bot.userId);
  }

  /** What a client adds to what people type when they pick a person from its list. */
  function written(text: string): Content | undefined {
    const picked = [...text.matchAll(mentions)].map(([, who]) => person(who as Who));
    if (picked.length === 0) return undefined;
    const html = escaped(text).replace(mentions, (_, who: Who) => `<a href="https://matrix.to/#/${person(who)}">${who}</a>`);
    return { format: "org.matrix.custom.html", formatted_body: html, "m.mentions": { user_ids: picked } };
  }

  function said(at: { room: string; event: string; who: Who; direct: boolean; mention: boolean }): Said {
    const { room, event, who, mention } = at;
    const root = roots.get(event) ?? event;
    return {
      id: event,
      answers() {
        const before = matrix.room(room).findIndex((message) => message.event === event);
        const later = new Set(matrix.room(room).flatMap((message, index) => (index > before ? [message.event] : [])));
        return shownTo(who)
          .filter((message) => message.room === room && (at.direct ? later.has(message.event) : message.thread === root))
          .map(view);
      },
      reactions() {
        const message = matrix.room(room).find((one) => one.event === event);
        return (message?.reactions ?? []).filter(({ users }) => users.includes(bot.userId)).map(({ key }) => key);
      },
      edit: async (text) => void (await matrix.edit({ room, event, text, mention })),
      remove: async () => matrix.remove({ room, event }),
      react: async (emoji) => matrix.react({ room, event, user: person(who), key: emoji }),
      unreact: async (emoji) => matrix.unreact({ room, event, user: person(who), key: emoji }),
    };
  }

  async function say({ text, who = "ana", room: name, thread, direct = false, mention = false, files = [] }: Words): Promise<Said> {
    if (direct) return said({ ...(await matrix.dm(person(who), text, { files })), who, direct, mention });
    const room = chamber(name);
    const root = thread && (roots.get(thread.id) ?? thread.id);
    const { event } = await matrix.say({ room, user: person(who), text, mention, thread: root, files, content: written(text) });
    if (root !== undefined) roots.set(event, root);
    return said({ room, event, who, direct, mention });
  }

  return {
    name: "matrix",
    env: { [`${variables}_HOMESERVER`]: matrix.url, [`${variables}_TOKEN`]: bot.token },
    identity: (who) => `matrix:${person(who)}`,
    roomId: chamber,
    connections: () => matrix.syncs(),
    say,
    async press(shown, label, who = "ana") {
      const [, key] = new RegExp(`([^\\s-]+) ${label}:`).exec(shown.text) ?? [];
      await matrix.react({ room: shown.place.split("/")[0] ?? "", event: shown.id, user: person(who), key: found(key, label) });
      return true;
    },
    seenBy: (who) => shownTo(who).map(view),
    owes: () => false,
    onChange: (listener) => matrix.onChange(listener),
    faults: faultsOf({
      fake: matrix,
      plan: ({ fault, times, posts }) => matrix.failCalls({ fault: faultOf(fault), times, ...(posts && { call: "send" }) }),
      events: (fault, times = 1) => matrix.disturbSyncs({ fault: fault === "twice" ? { kind: fault } : { kind: fault, ms: 200 }, times }),
    }),
    close: async () => matrix.close(),
  };
}

function view(message: RoomMessage): Shown {
  const { html = "" } = message;
  const rows = [...html.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row = ""]) =>
    [...row.matchAll(/<t[hd][^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell = ""]) => read(cell)),
  );
  return {
    id: message.event,
    place: `${message.room}/${message.thread ?? ""}`,
    text: message.text,
    code: [...html.matchAll(/<code[^>]*>([^]*?)\n?<\/code>/g)].map(([, code = ""]) => read(code)),
    ...(rows.length > 0 && { table: rows }),
    files: message.files,
    only: false,
    edited: message.edited,
  };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** As a client shows it. */
function read(html: string): string {
  return html
    .replace(/<[^<>]*>/g, "")
    .replaceAll("&nbsp;", " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

function faultOf(fault: CallFault): MatrixFault {
  return fault.kind === "rate_limit" ? { kind: "rate_limit", retryAfterMs: fault.retryAfter * 1_000 } : fault;
}
