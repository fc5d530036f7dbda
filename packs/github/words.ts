/** A link, as Markdown has it. What others named and addressed can't break it. */
export function link(text: string, address: string): string {
  return `[${text.replace(/[[\]]/g, "")}](${address.replace(/[()<>\s]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)})`;
}

/** The day of a time as GitHub tells it. */
export function day(time: string): string {
  return time.slice(0, 10);
}

/** The beginning of a text that may be long.
 *  @param most characters */
export function beginning(text: string, most: number): string {
  const whole = Array.from(text.trim());
  return whole.length > most ? `${whole.slice(0, most).join("")}…` : whole.join("");
}

/** A table that may be the beginning of a list.
 *  @param at.most rows that were asked for
 *  @param at.limit rows that may be asked for */
export function listed(table: string, { more, most, limit }: { more: boolean; most: number; limit: number }): string {
  if (!more) return table;
  return `${table}\n\nThere are more${most < limit ? `: say most=${Math.min(limit, most * 2)}` : ""}.`;
}
