/** What stands between a format's parameters, as sources of regular expressions: before the first, between each two, after the last. */
export type Between = readonly string[];

/** The values of a format that consists of words and parameters in a long text, found from left to right: each goes up to the next place where what follows it
 *  stands. Where that succeeds, it is what an expression finds that prefers the shortest first; undefined where one has to look. Copying what fifteen groups
 *  took at each character costs such an expression a quarter of a second for forty thousand. */
export function longTextFinder(between: Between): (text: string) => readonly string[] | undefined {
  const [before = "", ...others] = between;
  const after = others.pop() ?? "";
  const beginning = new RegExp(`${white}*${before}`, "isuy");
  const separators = others.map((source) => new RegExp(source, "gisu"));
  const ending = new RegExp(`${after}${white}*$`, "gisu");
  return (text) => {
    // It would be gone through again at each of its characters.
    if (longWhite.test(text)) return undefined;
    beginning.lastIndex = 0;
    if (!beginning.test(text)) return undefined;
    const values: string[] = [];
    let at = beginning.lastIndex;
    for (const follows of [...separators, ending]) {
      const first = text.codePointAt(at);
      if (first === undefined) return undefined;
      follows.lastIndex = at + (first > 0xffff ? 2 : 1);
      const found = follows.exec(text);
      if (found === null) return undefined;
      const value = text.slice(at, found.index);
      // There they hold a value together, or are let go.
      if (/^['"{]|['"]$/.test(value)) return undefined;
      values.push(value);
      at = found.index + found[0].length;
    }
    return values;
  };
}

/** What `\s` is to RE2. */
const white = "[\\t\\n\\f\\r ]";
const longWhite = /[\t\n\f\r ]{50}/;
