/** A run is indexed by so many words at most. */
const mostWords = 400;
const longestWord = 40;

/** A word of a text, or the name and value of a field, in ASCII without spaces: what both databases can keep as one piece. */
export type Term = string;

/** What a field says, whatever its case. */
export function labelTerm(name: "status" | "action" | "person" | "room", value: string): Term {
  return `${name}=${piece(value.toLowerCase())}`;
}

/** The words of texts, each once: letters and digits that stand together, without case and accents. */
export function wordTerms(texts: readonly string[]): Term[] {
  const words = new Set<Term>();
  for (const text of texts) {
    // Most texts are ASCII, where a word is a piece as it is.
    const plain = /^\p{ASCII}*$/u.test(text);
    const found = plain
      ? text.toLowerCase().match(/[a-z0-9]+/g)
      : text
          .normalize("NFKD")
          .replace(/\p{M}+/gu, "")
          .toLowerCase()
          .match(/[\p{L}\p{N}]+/gu);
    for (const word of found ?? []) {
      words.add(plain ? word.slice(0, longestWord) : piece(word.slice(0, longestWord)));
      if (words.size >= mostWords) return [...words];
    }
  }
  return [...words];
}

function piece(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("'", "%27");
}
