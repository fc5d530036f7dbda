import { z } from "zod";
import { Address } from "./message.ts";
import { hash } from "./token.ts";

/** What is to be said in rooms, under a name that it keeps: whoever posts under it again rewords what stands there. */
export const Posting = z.object({
  /** Names it in this installation. Absent: after the attempt that posts it. */
  key: z.string().optional(),
  /** Where it is to stand, beside where it stands already. Absent: nowhere else. */
  to: z.array(Address).optional(),
  /** Where it was asked for: there it stands if it is named nowhere, and stands nowhere. Absent where nobody would read it. */
  here: Address.optional(),
  /** The name of another, below which it is said wherever that one stands. */
  thread: z.string().optional(),
  /** Words in CommonMark, or what a run came to, as its own reply words it; of that, `form` only gives the words back. */
  says: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("text"), text: z.string() }),
    z.object({ kind: z.literal("result"), run: z.string() }),
    z.object({ kind: z.literal("form"), run: z.string() }),
  ]),
  /** What is shown beside the words, by platform, as aliases have it; filled in already. */
  extra: z.record(z.string(), z.unknown()).optional(),
  /** A person's id on the platform: who is called by name, or alone may see it. */
  only: z.string().optional(),
  calls: z.string().optional(),
});
export type Posting = z.infer<typeof Posting>;

/** Where what was posted under a name stands. */
export const Post = z.object({
  v: z.literal(1),
  key: z.string(),
  places: z.array(
    z.object({
      to: Address,
      /** The key of the send below which it is said: see {@link Send}. */
      under: z.string().optional(),
    }),
  ),
});
export type Post = z.infer<typeof Post>;

/** The key of the send that says a posting in one room. */
export function postSendKey(key: string, room: Pick<Address, "platform" | "account" | "channel">): string {
  const { platform, account, channel } = room;
  return `post/${hash(key).slice(0, 32)}/${hash([platform, account, channel].map(encodeURIComponent).join("/")).slice(0, 24)}`;
}
