/** How the links of a text are written. */
export interface LinkStyle {
  /** Attributes of what leads to a page, each with a space before it. */
  readonly attributes: string;
  /** So many characters of an address are shown. */
  readonly most: number;
  /** Schemes beside http, https and mailto, such as `tel:`. */
  readonly schemes: readonly string[];
}

/** Addresses of pages and mailboxes in a text become links. @param text escaped */
export function linked(text: string, style: LinkStyle): string {
  return text.replace(/\S+/g, (word) => {
    const [head, middle, tail] = partsOf(word);
    return `${head}${linkOf(middle, style)}${tail}`;
  });
}

/** A word without the brackets before it, and without the brackets and stops after it that belong to the sentence. */
function partsOf(word: string): readonly [head: string, middle: string, tail: string] {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? "";
  let end = word.length;
  for (let mark = markBefore(word, end); mark !== undefined && end > head.length; mark = markBefore(word, end)) end -= mark.length;
  let middle = word.slice(head.length, end);
  let tail = word.slice(end);
  for (const [opening, closing] of brackets) {
    for (let missing = countOf(middle, opening) - countOf(middle, closing); missing > 0 && tail.includes(closing); missing -= 1) {
      const to = tail.indexOf(closing) + closing.length;
      middle += tail.slice(0, to);
      tail = tail.slice(to);
    }
  }
  return [head, middle, tail];
}

const brackets = [
  ["(", ")"],
  ["<", ">"],
  ["&lt;", "&gt;"],
] as const;

function markBefore(word: string, end: number): string | undefined {
  return ["&gt;", ")", ">", ".", ","].find((mark) => word.endsWith(mark, end));
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

function linkOf(word: string, { attributes, most, schemes }: LinkStyle): string {
  if (page.test(word)) {
    const shown = word.length > most ? `${word.slice(0, most)}...` : word;
    return `<a href="${/^https?:\/\//.test(word) ? "" : "https://"}${word}"${attributes}>${shown}</a>`;
  }
  if (word.startsWith("mailto:") && isMailbox(word.slice(7))) return `<a href="${word}">${word.slice(7)}</a>`;
  if (!word.startsWith("www.") && !word.includes(":") && isMailbox(word)) return `<a href="mailto:${word}">${word}</a>`;
  const ours = schemes.some((scheme) => word !== scheme && word.startsWith(scheme));
  return ours ? `<a href="${word}"${attributes}>${word}</a>` : word;
}

const label = String.raw`[\p{L}\p{N}_%-]`;
/** With a scheme or `www.` any domain; without them one that ends as the oldest do; or an IP address. */
const page = new RegExp(
  [
    "^(?:",
    String.raw`(?:https?://|www\.)(?:${label}+\.)*(?:[a-z]{2,63}|xn--[\p{L}\p{N}_%]{2,59})`,
    String.raw`|(?:${label}{2,63}\.)+(?:com|net|int|edu|gov|org|info|mil)`,
    // What a look ahead has found is not found in other ways: six groups of four can be cut in thousands.
    String.raw`|https?://(?:\d{1,3}(?:\.\d{1,3}){3}|\[(?:[\da-f]{0,4}:){2}(?=((?:[\da-f]{0,4}:?){1,6}))\1\])`,
    String.raw`)(?::\d{1,5})?(?:[/?#]\S*)?$`,
  ].join(""),
  "iu",
);

function isMailbox(word: string): boolean {
  const at = word.lastIndexOf("@");
  return at > 0 && !word.startsWith("@") && /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*\.[\p{L}\p{N}_]+$/u.test(word.slice(at + 1));
}
