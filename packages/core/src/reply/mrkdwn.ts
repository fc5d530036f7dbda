/** Slack's markup in CommonMark, as packs that were written for Slack have it: `*bold*`, `~struck~`, `<url|label>`, mentions as names. Code is left as it is. */
export function fromMrkdwn(text: string): string {
  return text
    .split(/(```[\s\S]*?```|`[^`\n]*`)/)
    .map((part, index) => (index % 2 === 1 ? decoded(part) : prose(part)))
    .join("");
}

function prose(text: string): string {
  const marked = text
    .replace(/(^|[\s([{>_~])\*(?=\S)([^*\n]*\S)\*(?=$|[\s)\]}.,!?:;_~<])/gm, "$1**$2**")
    .replace(/(^|[\s([{>_*])~(?=\S)([^~\n]*\S)~(?=$|[\s)\]}.,!?:;_*<])/gm, "$1~~$2~~")
    .replace(/<((?:https?:\/\/|mailto:)[^|>\s]+)\|([^>]+)>/g, "[$2]($1)")
    .replace(/<([@#!])([^|>\s]+)(?:\|([^>]+))?>/g, (_, sign: string, id: string, name?: string) =>
      sign === "!" ? `@${name ?? id}` : `${sign}${name ?? id}`,
    );
  return decoded(marked);
}

function decoded(text: string): string {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
