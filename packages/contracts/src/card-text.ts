import type { Body, Card } from "./send.ts";

/** What a body says where nothing can be set apart: its cards are quotes below its text. CommonMark. */
export function textWithCards({ text, cards = [] }: Pick<Body, "text" | "cards">): string {
  return [text, ...cards.map(quoted)].filter((part) => part !== "").join("\n\n");
}

function quoted({ author, title, url, text, fields = [], image, thumbnail, footer }: Card): string {
  const paragraphs = [
    author === undefined ? "" : linked(author.name, author.url),
    title === undefined ? "" : `**${linked(title, url)}**`,
    text ?? "",
    fields.map(({ name, value }) => `**${name}**: ${value}`).join("\n"),
    [image, thumbnail].flatMap((address) => (address === undefined ? [] : [`<${address}>`])).join("\n"),
    footer === undefined ? "" : `_${footer}_`,
  ];
  return paragraphs
    .filter((part) => part !== "")
    .join("\n\n")
    .split("\n")
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");
}

function linked(words: string, url: string | undefined): string {
  return url === undefined ? words : `[${words}](${url})`;
}
