/** A run is indexed by so many words at most. */
const mostWords = 400;

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
    for (const [word] of text
      .normalize("NFKD")
      .replace(/\p{M}+/gu, "")
      .toLowerCase()
      .matchAll(/[\p{L}\p{N}]+/gu)) {
      words.add(piece(word.slice(0, 40)));
      if (words.size >= mostWords) return [...words];
    }
  }
  return [...words];
}

function piece(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("'", "%27");
}
