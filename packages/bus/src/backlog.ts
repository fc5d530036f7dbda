/** Publishes that found no room on their subject. They try one at a time, so that they stay in their order and thousands cost no more than one. */
export class Backlogs<Entry extends { readonly subject: string }> {
  readonly #bySubject = new Map<string, Set<Entry>>();

  has(subject: string): boolean {
    return this.#bySubject.has(subject);
  }

  /** There was no room for it, or it comes after others for which there was none. @returns whether it is the one that tries */
  add(entry: Entry): boolean {
    const entries = this.#bySubject.get(entry.subject) ?? new Set();
    this.#bySubject.set(entry.subject, entries.add(entry));
    return first(entries) === entry;
  }

  /** It is stored, or nobody waits for it any more. @returns the one that tries now, perhaps already */
  remove(entry: Entry): Entry | undefined {
    const entries = this.#bySubject.get(entry.subject);
    if (entries?.delete(entry) !== true) return undefined;
    if (entries.size === 0) this.#bySubject.delete(entry.subject);
    return first(entries);
  }
}

function first<Entry>(entries: Set<Entry>): Entry | undefined {
  for (const entry of entries) return entry;
  return undefined;
}
