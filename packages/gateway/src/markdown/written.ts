import type { RootContent } from "mdast";

/** A name for somebody that stands in the text, and whom it means: `{ token: "{@erin}", platformId: "U024BE7LH" }`. The token is looked for
 *  outside of code; choose one without marks of Markdown. A text that nobody gave mentions for pings nobody. */
export interface Mention {
  readonly token: string;
  readonly platformId: string;
}

/** One message in a platform's own words. */
export interface Written {
  readonly text: string;
  /** The platform ids it really mentions. */
  readonly mentions: readonly string[];
}

/** A serializer. */
export type Write<W extends Written> = (blocks: readonly RootContent[], mentions: readonly Mention[]) => W;

/** Stands where two characters must not meet, or a word must not be read as a name; nobody sees it. */
export const apart = "\u200b";

/** A text in its order, where `id` tells whom a piece of it means; of two tokens that overlap the longer counts. */
export function pieces(text: string, ids: ReadonlyMap<string, string>): readonly { value: string; id?: string }[] {
  let token = "";
  for (const each of ids.keys()) if (each.length > token.length && text.includes(each)) token = each;
  const id = ids.get(token);
  if (token === "" || id === undefined) return text === "" ? [] : [{ value: text }];
  return text.split(token).flatMap((value, index) => [...(index === 0 ? [] : [{ value: token, id }]), ...pieces(value, ids)]);
}
