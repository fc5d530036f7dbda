/** What a line at the prompt may go on as, for the Tab key: commands whose fixed words begin with it, up to where a person says something of their own.
 *  @param commands as help shows them: `deploy {{ service }} to {{ env = test }}`, `help [WORD]`
 *  @returns whole lines, in order, each once */
export function completions(line: string, commands: Iterable<string>): string[] {
  const begun = line.trimStart().toLowerCase();
  const fits = Array.from(commands, fixedWords).filter((words) => words.trim() !== "" && words.toLowerCase().startsWith(begun));
  const indent = line.slice(0, line.length - line.trimStart().length);
  return [...new Set(fits)].toSorted().map((words) => `${indent}${words}`);
}

/** Up to the first parameter: `{{ … }}`, `[WORD]`, or a word in capitals. A blank tells that there is more to say. */
function fixedWords(command: string): string {
  const end = command.search(/\{\{|[[(<]|\b[A-Z][A-Z_]+\b/);
  return end < 0 ? command : command.slice(0, end);
}
