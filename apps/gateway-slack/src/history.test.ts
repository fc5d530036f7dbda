import { expect, it } from "vitest";
import { missedOf, type Page } from "./history.ts";

const at = (seconds: number) => `${1_763_712_000 + seconds}.000100`;

interface Told {
  ts: string;
  text?: string;
  latest_reply?: string;
  edited?: { ts: string };
  reply_users?: string[];
  reply_users_count?: number;
}

/** A channel and its threads, given out two messages a page. */
function read(
  { room, threads = {} }: { room: Told[]; threads?: Record<string, Told[]> },
  { from = at(0), remembered = [], floor = at(-1_000) }: { from?: string; remembered?: string[]; floor?: string } = {},
) {
  const asked: string[] = [];
  const page = (all: Told[], oldest: string, cursor = "0"): Page => {
    const shown = all.filter(({ ts }) => Number(ts) > Number(oldest));
    const next = Number(cursor) + 2;
    return {
      messages: shown.slice(Number(cursor), next),
      response_metadata: { next_cursor: next < shown.length ? String(next) : "" },
    };
  };
  const missed = missedOf({
    channel: "C1",
    from,
    threads: remembered,
    floor,
    pages: {
      async history(_, oldest, cursor) {
        return page(room.toReversed(), oldest, cursor);
      },
      async replies(_, thread, oldest, cursor) {
        asked.push(thread);
        return page(threads[thread] ?? [], oldest, cursor);
      },
    },
    ours: ["U0BOT", "B0BOT"],
    concerns: (body) => !JSON.stringify(body).includes("talk"),
  });
  return { missed, asked };
}

const textsOf = (bodies: unknown[]) =>
  (bodies as { event: { text?: string; subtype?: string; message?: { text?: string } } }[]).map(({ event }) =>
    event.subtype === undefined ? event.text : `${event.subtype}: ${event.message?.text}`,
  );

it("gives what was said since, page by page, oldest first", async () => {
  const room = [-1, 1, 2, 3, 4, 5].map((n) => ({ ts: at(n), text: `${n}` }));
  expect(textsOf(await read({ room }).missed)).toEqual(["1", "2", "3", "4", "5"]);
});

it("leaves out what is nothing to us", async () => {
  const room = [
    { ts: at(1), text: "talk" },
    { ts: at(2), text: "!echo" },
  ];
  expect(textsOf(await read({ room }).missed)).toEqual(["!echo"]);
});

it("puts the answers of threads where they belong in time, and those that the channel shows too only once", async () => {
  const room = [
    { ts: at(1), text: "root", latest_reply: at(4) },
    { ts: at(3), text: "also" },
    { ts: at(5), text: "last" },
  ];
  const threads = {
    [at(1)]: [
      { ts: at(2), text: "first" },
      { ts: at(3), text: "also" },
      { ts: at(4), text: "second" },
    ],
  };
  expect(textsOf(await read({ room, threads }).missed)).toEqual(["root", "first", "also", "second", "last"]);
});

it("asks only for threads in which something is new", async () => {
  const room = [
    { ts: at(-50), text: "quiet", latest_reply: at(-40) },
    { ts: at(-30), text: "grown", latest_reply: at(6) },
    { ts: at(2), text: "none" },
  ];
  const threads = {
    [at(-30)]: [
      { ts: at(-20), text: "old" },
      { ts: at(6), text: "new" },
    ],
  };
  const { missed, asked } = read({ room, threads }, { remembered: [at(-50), at(-30)] });
  expect(textsOf(await missed)).toEqual(["none", "new"]);
  expect(asked).toEqual([at(-30)]);
});

it.each([
  [["U0BOT"], 1, []],
  [["U0BOT", "B0BOT"], 2, []],
  [["U0BOT", "U1"], 2, [at(1)]],
  [["U0BOT"], 6, [at(1)]],
])("asks for a thread that %j of %i answered in: %j", async (users, count, expected) => {
  const { missed, asked } = read({ room: [{ ts: at(1), latest_reply: at(2), reply_users: users, reply_users_count: count }] });
  await missed;
  expect(asked).toEqual(expected);
});

it("asks for threads whose beginning is too old to be read again", async () => {
  const threads = { [at(-9_000)]: [{ ts: at(6), text: "new" }] };
  const { missed, asked } = read({ room: [], threads }, { remembered: [at(-9_000)] });
  expect(textsOf(await missed)).toEqual(["new"]);
  expect(asked).toEqual([at(-9_000)]);
});

it("gives what was edited as it reads now, then as an edit, unless the edit was heard", async () => {
  const room = [
    { ts: at(1), text: "now", edited: { ts: at(9) } },
    { ts: at(2), text: "then", edited: { ts: at(-1) } },
  ];
  expect(textsOf(await read({ room }).missed)).toEqual(["now", "message_changed: now", "then"]);
});
