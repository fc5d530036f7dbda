import { expect, it } from "vitest";
import { everywhere, missedDirectly, missedIn, type Gap, type Missed } from "./catch-up.ts";
import { Guild } from "./payloads.ts";
import { snowflakeAt } from "./snowflake.ts";

const day = 86_400_000;
const now = Date.parse("2026-11-21T08:00:00Z");
/** So many days ago. */
const ago = (days: number) => snowflakeAt(now - days * day);
const oldest = ago(7);
const guild = "613425648685547541";
const [ops, quiet, fresh, thread] = ["290926798999357251", "290926798999357252", "290926798999357253", "290926798999357254"];

const mark = (position: string, rest: object = { kind: "room", space: guild }) => ({ position, ...rest });
const channel = (id: string, last: string | null, type = 0) => ({ id, type, last_message_id: last });

function missed(channels: object[], marks: Record<string, ReturnType<typeof mark>>, rest: object = {}): Missed {
  return missedIn(Guild.parse({ id: guild, roles: [], channels, threads: [], ...rest }), { marks: new Map(Object.entries(marks)), oldest });
}

const gap = (at: string, after: string, last?: string): Gap => ({ channel: at, after, guild, ...(last !== undefined && { last }) });

it.each<[string, Missed, Missed]>([
  [
    "what came after a channel's mark",
    missed([channel(ops, ago(1))], { [ops]: mark(ago(2)) }),
    { gaps: [gap(ops, ago(2), ago(1))], present: [] },
  ],
  ["nothing where nothing came", missed([channel(ops, ago(1)), channel(quiet, null)], { [ops]: mark(ago(1)) }), { gaps: [], present: [] }],
  [
    "in a channel that nobody had spoken in, what came after everything was heard",
    missed([channel(fresh, ago(1))], { [everywhere]: mark(ago(3), {}) }),
    { gaps: [gap(fresh, ago(3), ago(1))], present: [] },
  ],
  ["at a first start nothing of the past", missed([channel(ops, ago(1))], {}), { gaps: [], present: [{ channel: ops, last: ago(1) }] }],
  ["no more than a week", missed([channel(ops, ago(1))], { [ops]: mark(ago(9)) }), { gaps: [gap(ops, oldest, ago(1))], present: [] }],
  [
    "nothing from before it joined",
    missed(
      [channel(ops, ago(1)), channel(fresh, ago(3))],
      { [everywhere]: mark(ago(5), {}) },
      { joined_at: new Date(now - 2 * day).toISOString() },
    ),
    { gaps: [gap(ops, ago(2), ago(1))], present: [] },
  ],
  [
    "active threads",
    missed([], { [everywhere]: mark(ago(3), {}) }, { threads: [channel(thread, ago(1), 11)] }),
    { gaps: [gap(thread, ago(3), ago(1))], present: [] },
  ],
  ["threads that are archived by now", missed([], { [thread]: mark(ago(2)) }), { gaps: [gap(thread, ago(2))], present: [] }],
  ["no thread of another guild", missed([], { [thread]: mark(ago(2), { kind: "room", space: ops }) }), { gaps: [], present: [] }],
  [
    "no forums, whose last message is a thread",
    missed([channel(ops, ago(1), 15)], { [everywhere]: mark(ago(3), {}) }),
    { gaps: [], present: [] },
  ],
])("a new session reads %s", (_, found, expected) => {
  expect(found).toEqual(expected);
});

it("reads the direct conversations that it remembers", () => {
  const marks = new Map([
    [ops, mark(ago(1))],
    [quiet, mark(ago(1), { kind: "direct" })],
    [fresh, mark(ago(9), { kind: "direct" })],
    [everywhere, mark(ago(1), {})],
  ]) as Parameters<typeof missedDirectly>[0]["marks"];
  expect(missedDirectly({ marks, oldest })).toEqual([
    { channel: quiet, after: ago(1) },
    { channel: fresh, after: oldest },
  ]);
});
