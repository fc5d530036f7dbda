/** How many columns of a terminal a text takes: Chinese, Japanese and Korean characters take two each, and so does what reads as one emoji. */
export function widthOf(text: string): number {
  if (narrow.test(text)) return text.length;
  return charactersOf(text).reduce((sum, { width }) => sum + width, 0);
}

/** Fills up with spaces. @param width in columns */
export function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** What fits, and a sign that there is more. No character is halved: where a wide one would stand over the end, a column is left. @param width in columns */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let left = width - 1;
  let shown = "";
  for (const one of charactersOf(text)) {
    if ((left -= one.width) < 0) break;
    shown += one.text;
  }
  return `${shown}…`;
}

/** What people read as one character is several code points where accents, skin tones and families are put together. */
function charactersOf(text: string): { text: string; width: number }[] {
  return Array.from(characters.segment(text), ({ segment }) => ({
    text: segment,
    width: bare.test(segment) ? 0 : wide.test(segment) ? 2 : 1,
  }));
}

const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const narrow = /^[\x20-\x7e]*$/;
/** Marks that stand on nothing. */
const bare = /^[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]+$/v;
/** East Asian Width is no property that expressions know: these scripts, their punctuation and the full-width forms are what has it; half-width kana do not. */
const wide =
  /^(?:\p{RGI_Emoji}|\p{Emoji_Presentation}|[[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}\u2E80-\u303E\u30FB\u30FC\u3190-\u33FF\uFE30-\uFE6B\uFF01-\uFF60\uFFE0-\uFFE6]--[\uFF61-\uFFDC]])/v;
