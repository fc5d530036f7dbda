import { randomUUID } from "node:crypto";
import { z } from "zod";
import { call, type Account } from "./homeserver.ts";

/** One message as a person sees it now. */
export interface Shown {
  event: string;
  by: string;
  thread?: string;
  text: string;
  html: string;
  files: { name: string; bytes: Uint8Array }[];
  edited: boolean;
  /** Who put what on it. */
  reactions: { key: string; by: string }[];
}

export interface Person {
  id: string;
  /** Gives the room's id. */
  createRoom(options: { name?: string; invite: string[]; direct?: boolean }): Promise<string>;
  join(room: string): Promise<void>;
  /** Rooms that this person is invited to by somebody. */
  invitations(by: string): Promise<string[]>;
  members(room: string): Promise<string[]>;
  /** Gives the event's id. */
  say(
    room: string,
    text: string,
    more?: { thread?: string; file?: { name: string; type: string; content: Uint8Array<ArrayBuffer> } },
  ): Promise<string>;
  edit(room: string, event: string, text: string): Promise<void>;
  react(room: string, event: string, key: string): Promise<void>;
  /** What stands there of the last hundred events, from the first to the last. */
  sees(room: string): Promise<Shown[]>;
}

/** A person with a client of their own, at a real homeserver. */
export function personOf(account: Account): Person {
  const client = "/_matrix/client/v3";
  const at = (room: string) => `${client}/rooms/${encodeURIComponent(room)}`;
  const get = (path: string) => call(account, { method: "GET", path });
  const put = async (path: string, body: object) => Sent.parse(await call(account, { method: "PUT", path, body })).event_id;
  const send = (room: string, type: string, content: object) => put(`${at(room)}/send/${type}/${randomUUID()}`, content);

  const invited = new Map<string, string>();
  let since: string | undefined;

  async function fileIn(content: Content): Promise<Shown["files"]> {
    const media = /^mxc:\/\/(.+)$/.exec(String(content.url))?.[1];
    if (media === undefined) return [];
    const bytes = await call(account, { method: "GET", path: `/_matrix/client/v1/media/download/${media}`, raw: true });
    return bytes instanceof Uint8Array ? [{ name: String(content.filename ?? content.body), bytes }] : [];
  }

  async function view(event: Event, all: readonly Event[]): Promise<Shown> {
    const about = all.filter(({ content }) => content["m.relates_to"]?.event_id === event.event_id);
    const edit = about.findLast(({ content, sender }) => content["m.relates_to"]?.rel_type === "m.replace" && sender === event.sender);
    const content = edit?.content["m.new_content"] ?? event.content;
    const relation = event.content["m.relates_to"];
    return {
      event: event.event_id,
      by: event.sender,
      thread: relation?.rel_type === "m.thread" ? relation.event_id : undefined,
      text: String(content.body),
      html: String(content.formatted_body ?? ""),
      files: await fileIn(content),
      edited: edit !== undefined,
      reactions: about.flatMap(({ type, sender, content: { "m.relates_to": to } }) =>
        type === "m.reaction" ? [{ key: String(to?.key), by: sender }] : [],
      ),
    };
  }

  return {
    id: account.id,
    async createRoom({ name, invite, direct = false }) {
      const body = { preset: direct ? "trusted_private_chat" : "private_chat", is_direct: direct, name, invite };
      return Made.parse(await call(account, { method: "POST", path: `${client}/createRoom`, body })).room_id;
    },
    async join(room) {
      await call(account, { method: "POST", path: `${client}/join/${encodeURIComponent(room)}`, body: {} });
    },
    async invitations(by) {
      // From where the last one ended: Synapse gives the answer to the same question again for two minutes.
      const { next_batch, rooms } = Synced.parse(await get(`${client}/sync${since === undefined ? "" : `?since=${since}`}`));
      since = next_batch;
      for (const [room, entry] of Object.entries(rooms?.invite ?? {})) invited.set(room, JSON.stringify(entry));
      return [...invited].flatMap(([room, entry]) => (entry.includes(`"sender":"${by}"`) ? [room] : []));
    },
    async members(room) {
      return Object.keys(Members.parse(await get(`${at(room)}/joined_members`)).joined);
    },
    async say(room, text, { thread, file } = {}) {
      const relation = thread !== undefined && {
        "m.relates_to": { rel_type: "m.thread", event_id: thread, is_falling_back: true, "m.in_reply_to": { event_id: thread } },
      };
      if (file === undefined) return await send(room, "m.room.message", { msgtype: "m.text", body: text, "m.mentions": {}, ...relation });
      const { name, type, content } = file;
      const path = `/_matrix/media/v3/upload?filename=${encodeURIComponent(name)}`;
      const { content_uri: url } = Uploaded.parse(await call(account, { method: "POST", path, body: content, type }));
      const info = { mimetype: type, size: content.byteLength };
      return await send(room, "m.room.message", {
        msgtype: "m.file",
        body: text,
        filename: name,
        url,
        info,
        "m.mentions": {},
        ...relation,
      });
    },
    async edit(room, event, text) {
      const words = { msgtype: "m.text", body: text, "m.mentions": {} };
      const relation = { rel_type: "m.replace", event_id: event };
      await send(room, "m.room.message", { ...words, body: `* ${text}`, "m.new_content": words, "m.relates_to": relation });
    },
    async react(room, event, key) {
      await send(room, "m.reaction", { "m.relates_to": { rel_type: "m.annotation", event_id: event, key } });
    },
    async sees(room) {
      const { chunk } = Page.parse(await get(`${at(room)}/messages?dir=b&limit=100`));
      const all = chunk.toReversed();
      const said = all.filter(
        ({ type, content }) => type === "m.room.message" && content.body !== undefined && content["m.relates_to"]?.rel_type !== "m.replace",
      );
      return await Promise.all(said.map((event) => view(event, all)));
    },
  };
}

const Words = z.object({
  body: z.string().optional(),
  formatted_body: z.string().optional(),
  filename: z.string().optional(),
  url: z.string().optional(),
});
const Content = Words.extend({
  "m.new_content": Words.optional(),
  "m.relates_to": z.object({ rel_type: z.string().optional(), event_id: z.string().optional(), key: z.string().optional() }).optional(),
});
type Content = z.infer<typeof Words>;
const Event = z.object({ event_id: z.string(), type: z.string(), sender: z.string(), content: Content });
type Event = z.infer<typeof Event>;
const Page = z.object({ chunk: z.array(Event) });
const Sent = z.object({ event_id: z.string() });
const Made = z.object({ room_id: z.string() });
const Members = z.object({ joined: z.record(z.string(), z.unknown()) });
const Uploaded = z.object({ content_uri: z.string() });
const Synced = z.object({ next_batch: z.string(), rooms: z.object({ invite: z.record(z.string(), z.unknown()).optional() }).optional() });
