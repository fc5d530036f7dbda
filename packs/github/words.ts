/** A link, as Markdown has it. */
export function link(text: string, address: string): string {
  return `[${text.replace(/[[\]]/g, "")}](${address})`;
}

/** The day of a time as GitHub tells it. */
export function day(time: string): string {
  return time.slice(0, 10);
}

/** The beginning of a text that may be long. */
export function beginning(text: string, most: number): string {
  const whole = text.trim();
  return whole.length > most ? `${Array.from(whole).slice(0, most).join("")}…` : whole;
}

/** A table that may be the beginning of a list. */
export function listed(table: string, { more, most }: { more: boolean; most: number }): string {
  return more ? `${table}\n\nThere are more: say most=${Math.min(200, most * 2)}.` : table;
}
