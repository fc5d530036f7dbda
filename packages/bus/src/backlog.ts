/** Publishes that found no room on their subject. They try in the order they came, one at a time and ever more for as long as there is room, so that thousands that
 *  wait cost no more than one. */
export class Backlogs<Entry extends { readonly subject: string }> {
  readonly #bySubject = new Map<string, { readonly entries: Set<Entry>; abreast: number }>();

  has(subject: string): boolean {
    return this.#bySubject.has(subject);
  }

  /** There was no room for it, or it comes after others for which there was none. @returns whether it may try by itself */
  add(entry: Entry): boolean {
    const backlog = this.#bySubject.get(entry.subject) ?? { entries: new Set(), abreast: 1 };
    this.#bySubject.set(entry.subject, backlog);
    if (backlog.entries.has(entry)) backlog.abreast = 1;
    backlog.entries.add(entry);
    return this.#trying(backlog).includes(entry);
  }

  /** It is stored, or nobody waits for it any more. @returns those that may try now, some of which do already */
  remove(entry: Entry): readonly Entry[] {
    const backlog = this.#bySubject.get(entry.subject);
    if (backlog?.entries.delete(entry) !== true) return [];
    if (backlog.entries.size === 0) this.#bySubject.delete(entry.subject);
    backlog.abreast = Math.min(backlog.abreast * 2, mostAbreast);
    return this.#trying(backlog);
  }

  #trying({ entries, abreast }: { entries: Set<Entry>; abreast: number }): Entry[] {
    const trying: Entry[] = [];
    for (const entry of entries) if (trying.push(entry) === abreast) break;
    return trying;
  }
}

const mostAbreast = 64;
