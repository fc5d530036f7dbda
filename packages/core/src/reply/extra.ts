import { fieldsOf, type Body, type Card } from "@bellhop/contracts";
import { fillWithin } from "../template.ts";
import { fromMrkdwn } from "./mrkdwn.ts";

/** What is shown beside the words of an alias. */
export interface Extra {
  /** Instead of words that the alias does not give. */
  text?: string;
  cards: Card[];
  native?: Body["native"];
}

type Fields = Readonly<Record<string, unknown>>;

/** Fills `extra` and reads it for one platform: what it says of that platform, else what it says for all (`cards`), else what it says of another. Words of Slack
 *  (attachments, both styles) and Discord (embeds) become cards, which every platform shows; only Slack's `blocks` stay what they are.
 *  @param at.color for cards that have none of their own */
export function readExtra(at: { extra: Fields | undefined; platform: string; names: Fields; color?: string }): Extra {
  const { extra, names } = at;
  return extra === undefined ? { cards: [] } : extraOf({ ...at, extra: fieldsOf(fillWithin(extra, names)) });
}

/** The same of what is filled in already: what it says is nobody's template. */
export function extraOf(at: { extra: Fields | undefined; platform: string; color?: string }): Extra {
  const { extra: filled, platform } = at;
  if (filled === undefined) return { cards: [] };
  const color = colorOf(filled["color"]) ?? at.color;
  const said: Fields = { ...filled, ...(filled["slack"] === undefined ? {} : { slack: shownOfSlack(filled["slack"]) }) };
  const found = [...new Set([platform, "cards", "slack", "discord"])].find((name) => said[name] !== undefined && said[name] !== null);
  const { text, cards, native: own } = found === undefined ? { cards: [] } : (readers[found]?.(said[found]) ?? { cards: [] });
  const shown = cards.map((card) => (card.color === undefined && color !== undefined ? { ...card, color } : card));
  const voice = platform === "slack" ? slackVoice(fieldsOf(filled["slack"])) : undefined;
  const native = voice === undefined ? own : { ...own, slack: { ...fieldsOf(own?.["slack"]), ...voice } };
  return { ...(text === undefined ? {} : { text }), cards: within(shown), ...(native === undefined || tooLarge(native) ? {} : { native }) };
}

/** What of `slack` says how it is said, and shows nothing. */
const slackManner: ReadonlySet<string> = new Set(["username", "icon_emoji", "icon_url", "thread_response"]);

/** Undefined where nothing is to be shown. */
function shownOfSlack(slack: unknown): Fields | undefined {
  const shown = Object.entries(fieldsOf(slack)).filter(([name]) => !slackManner.has(name));
  return shown.length === 0 ? undefined : Object.fromEntries(shown);
}

/** Whose name and picture stand above what is said. */
function slackVoice({ username, icon_emoji: emoji, icon_url: url }: Fields): Readonly<Record<string, string>> | undefined {
  const [name, icon, address] = [textOf(username)?.slice(0, 80).toWellFormed(), textOf(emoji), textOf(url)];
  const voice = {
    ...(name === undefined ? {} : { username: name }),
    ...(icon === undefined ? {} : { icon_emoji: `:${icon.replaceAll(":", "")}:` }),
    ...(address === undefined ? {} : { icon_url: address }),
  };
  return Object.keys(voice).length === 0 ? undefined : voice;
}

/** So much do all platforms take: Discord counts 6,000 characters in all embeds of a message, and ten of them. */
const mostCards = 10;
const mostFields = 25;
const mostText = 3_000;
const mostInAll = 5_000;
const mostNative = 12_000;

const readers: Readonly<Record<string, (said: unknown) => Extra>> = {
  cards: (said) => ({ cards: listOf(said).map(neutralCard) }),
  slack: (said) => slackExtra(fieldsOf(said)),
  discord: (said) => ({ cards: listOf(fieldsOf(said)["embeds"]).map(embedCard) }),
  matrix: (said) => ({ cards: listOf(fieldsOf(said)["cards"]).map(neutralCard) }),
};

function slackExtra({ attachments, blocks, text, ...legacy }: Fields): Extra {
  const words = textOf(text);
  const said = words === undefined ? {} : { text: fromMrkdwn(words) };
  if (Array.isArray(blocks) && blocks.length > 0) return { ...said, cards: [], native: { slack: { blocks } } };
  if (attachments !== undefined) return { ...said, cards: listOf(attachments).map(attachmentCard) };
  return { cards: [attachmentCard(legacy)] };
}

function attachmentCard(fields: Fields): Card {
  const mrkdwn = (name: string) => {
    const text = textOf(fields[name]);
    return text === undefined ? undefined : fromMrkdwn(text);
  };
  const name = textOf(fields["author_name"]);
  const body = [mrkdwn("pretext"), mrkdwn("text") ?? (textOf(fields["title"]) === undefined ? mrkdwn("fallback") : undefined)];
  return card({
    color: colorOf(fields["color"]),
    author: name === undefined ? undefined : card({ name, url: textOf(fields["author_link"]), icon: textOf(fields["author_icon"]) }),
    title: textOf(fields["title"]),
    url: textOf(fields["title_link"]),
    text: body.filter((part) => part !== undefined).join("\n") || undefined,
    fields: fieldList(fields["fields"], { name: "title", short: "short", read: fromMrkdwn }),
    image: textOf(fields["image_url"]),
    thumbnail: textOf(fields["thumb_url"]),
    footer: textOf(fields["footer"]),
  });
}

function embedCard(fields: Fields): Card {
  const author = fieldsOf(fields["author"]);
  const name = textOf(author["name"]);
  return card({
    color: colorOf(fields["color"]),
    author: name === undefined ? undefined : card({ name, url: textOf(author["url"]), icon: textOf(author["icon_url"]) }),
    title: textOf(fields["title"]),
    url: textOf(fields["url"]),
    text: textOf(fields["description"]),
    fields: fieldList(fields["fields"], { name: "name", short: "inline" }),
    image: textOf(fieldsOf(fields["image"])["url"]),
    thumbnail: textOf(fieldsOf(fields["thumbnail"])["url"]),
    footer: textOf(fieldsOf(fields["footer"])["text"]),
  });
}

function neutralCard(fields: Fields): Card {
  const author = fieldsOf(fields["author"]);
  const name = textOf(author["name"]);
  return card({
    color: colorOf(fields["color"]),
    author: name === undefined ? undefined : card({ name, url: textOf(author["url"]), icon: textOf(author["icon"]) }),
    title: textOf(fields["title"]),
    url: textOf(fields["url"]),
    text: textOf(fields["text"]),
    fields: fieldList(fields["fields"], { name: "name", short: "short" }),
    image: textOf(fields["image"]),
    thumbnail: textOf(fields["thumbnail"]),
    footer: textOf(fields["footer"]),
  });
}

function fieldList(value: unknown, words: { name: string; short: string; read?: (text: string) => string }): Card["fields"] {
  const { name, short, read = (text: string) => text } = words;
  const fields = listOf(value).map((one) => ({
    name: textOf(one[name]) ?? "",
    value: read(textOf(one["value"]) ?? ""),
    ...(one[short] === true || one[short] === "true" ? { short: true } : {}),
  }));
  return fields.length === 0 ? undefined : fields;
}

/** Without what it does not say. */
function card<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** Cut to what every platform takes; a card that says nothing is none. */
function within(cards: readonly Card[]): Card[] {
  let left = mostInAll;
  const cut = (text: string, most: number) => {
    const length = Math.max(0, Math.min(most, left));
    const kept = text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1)).toWellFormed()}…`;
    left -= kept.length;
    return kept;
  };
  return cards.slice(0, mostCards).flatMap(({ author, title, text, fields, footer, ...rest }) => {
    if (left < 10) return [];
    const kept: Card = {
      ...rest,
      ...(author === undefined ? {} : { author: { ...author, name: cut(author.name, 200) } }),
      ...(title === undefined ? {} : { title: cut(title, 200) }),
      ...(text === undefined ? {} : { text: cut(text, mostText) }),
      ...(fields === undefined
        ? {}
        : {
            fields: fields.slice(0, mostFields).map((field) => ({ ...field, name: cut(field.name, 200), value: cut(field.value, 1_000) })),
          }),
      ...(footer === undefined ? {} : { footer: cut(footer, 500) }),
    };
    const { color: _, ...says } = kept;
    return Object.keys(says).length === 0 ? [] : [kept];
  });
}

function tooLarge(native: NonNullable<Body["native"]>): boolean {
  return JSON.stringify(native).length > mostNative;
}

function listOf(value: unknown): Fields[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "object" && one !== null).map(fieldsOf);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** Slack's three names, a number as Discord writes it, or hexadecimal digits. */
function colorOf(value: unknown): string | undefined {
  const text = typeof value === "number" ? value.toString(16).padStart(6, "0") : textOf(value);
  if (text === undefined) return undefined;
  const hex = /^#?([0-9a-f]{6})$/i.exec(named[text] ?? text)?.[1];
  return hex === undefined ? undefined : `#${hex.toLowerCase()}`;
}

const named: Readonly<Record<string, string>> = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };
