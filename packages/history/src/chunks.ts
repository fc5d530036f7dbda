/** Rows in one statement: some milliseconds at most, during which nothing else gets a turn on SQLite. Few sizes, since each is a statement of its own, and a
 *  prepared one holds on to some 100 KB. */
const chunkSizes = [25, 5, 1] as const;

/** What is written by one statement each. */
export function* chunks<T>(all: readonly T[]): Iterable<T[]> {
  let from = 0;
  for (const size of chunkSizes) for (; all.length - from >= size; from += size) yield all.slice(from, from + size);
}
