import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scaled } from "@bellhop/contracts";
import { adapterContract } from "@bellhop/gateway/testing";
import { Secret, silentLog } from "@bellhop/service";
import { startFakeMatrix } from "@bellhop/testkit/matrix";
import { openMatrix } from "./connection.ts";

adapterContract({
  name: "Matrix",
  async start() {
    const [matrix, folder] = await Promise.all([startFakeMatrix(), mkdtemp(join(tmpdir(), "bellhop-matrix-"))]);
    const user = matrix.createUser("ana");
    const room = matrix.createRoom("ops", { members: [user] });
    let last = "";
    const ofBot = (messages: ReturnType<typeof matrix.room>) => messages.filter((message) => message.user === matrix.bot.userId);
    return {
      adapter: () =>
        openMatrix({
          matrix: { homeserver: matrix.url, login: { token: new Secret(matrix.bot.token) } },
          folder,
          durations: scaled(0.1),
          log: silentLog,
        }),
      say: async (command) => void ({ event: last } = await matrix.say({ room, user, text: `!${command}` })),
      chat: async (text) => void (await matrix.say({ room, user, text })),
      sendFile: async (command, { name, type, bytes }) =>
        void ({ event: last } = await matrix.say({ room, user, text: `!${command}`, files: [{ name, type, content: bytes }] })),
      editLast: async (command) => void (await matrix.edit({ room, event: last, text: `!${command}` })),
      deleteLast: () => matrix.remove({ room, event: last }),
      react: (emoji, added) => matrix[added ? "react" : "unreact"]({ room, event: last, user, key: emoji }),
      async press(label) {
        const card = ofBot(matrix.room(room)).at(-1);
        const [, key = ""] = new RegExp(`([^\\s-]+) ${label}:`).exec(card?.text ?? "") ?? [];
        await matrix.react({ room, event: card?.event ?? "", user, key });
        return true;
      },
      pressable: async () => [...(ofBot(matrix.room(room)).at(-1)?.text ?? "").matchAll(/\u20e3 (\w+):/g)].map(([, label = ""]) => label),
      shown: async () => ofBot(matrix.room(room)).map(({ text }) => text),
      shownAlone: async () => ofBot(matrix.sees(user)).flatMap((message) => (message.room === room ? [] : [message.text])),
      files: async () =>
        ofBot(matrix.room(room)).flatMap(({ files }) => files.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) }))),
      reactions: async () =>
        matrix
          .room(room)
          .filter(({ event }) => event === last)
          .flatMap(({ reactions }) => reactions.flatMap(({ key, users }) => (users.includes(matrix.bot.userId) ? [key] : []))),
      typing: async () => matrix.typing(room).includes(matrix.bot.userId),
      nowhere: { platform: "matrix", account: matrix.bot.userId, space: matrix.name, channel: "!nowhere:fake.example" },
      // What it was told of, and asks for again.
      async unacknowledged() {
        const told = () => matrix.requests().flatMap(({ call, query, answer }) => (call === "sync" && answer ? [{ query, answer }] : []));
        await matrix.waitUntil(() => told().length > 1 && told().at(-1)?.query.since === told().at(-2)?.query.since, 45_000);
        return JSON.stringify(told().at(-1)?.answer.body).split('"m.room.message"').length - 1;
      },
      loseAnswer: () => void matrix.failCalls({ call: "send", fault: { kind: "lose_answer" } }),
      loseRequest: () => void matrix.failCalls({ call: "send", fault: { kind: "lose_request" } }),
      turnAway: () => void matrix.failCalls({ call: "send", fault: { kind: "rate_limit", retryAfterMs: 1_000 } }),
      async close() {
        await matrix.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
});
