import type { Nodes, PhrasingContent, RootContent } from "mdast";

/** What {@link parse} makes. Other nodes, which only its extensions know, are shown by their {@link words}. */
export type Block = Extract<RootContent, { type: (typeof blockTypes)[number] }>;
export type Inline = Extract<PhrasingContent, { type: (typeof inlineTypes)[number] }>;

const blockTypes = ["paragraph", "heading", "code", "blockquote", "list", "table", "thematicBreak"] as const;
const inlineTypes = ["text", "strong", "emphasis", "delete", "inlineCode", "break", "link", "image"] as const;

export function isBlock(node: RootContent): node is Block {
  return blockTypes.some((type) => type === node.type);
}

export function isInline(node: PhrasingContent): node is Inline {
  return inlineTypes.some((type) => type === node.type);
}

/** A node's text without any markup, with every address beside its words. */
export function words(node: Nodes): string {
  if (node.type === "break") return "\n";
  if (node.type === "image") return addressed(node.alt ?? "", node);
  if (node.type === "link") return addressed(node.children.map(words).join(""), node);
  if ("value" in node) return node.value;
  return "children" in node ? node.children.map(words).join("") : "";
}

/** An address as people write it. */
export function spelled(url: string): string {
  return url.replace(/^mailto:/i, "");
}

/** The words of a link, then where it leads: no words can pass it off for something else. Said once where both are the same. */
export function addressed(label: string, link: { url: string; title?: string | null }, shown: string = spelled(link.url)): string {
  const beside = link.title ? `${shown} "${link.title}"` : shown;
  if (label.trim() === "" || (says(label, link.url) && !link.title)) return beside;
  return link.url === "" && !link.title ? label : `${label} (${beside})`;
}

/** Whether a label is only its own address. */
export function says(label: string, url: string): boolean {
  return url === label || url === `http://${label}` || url === `mailto:${label}`;
}

/** The address as it may stand in a link: web and mail only, and nothing in it that ends a link or hides. Undefined: show it as text. */
export function linkable(url: string): string | undefined {
  if (!/^(?:https?:\/\/|mailto:)./i.test(url)) return undefined;
  const safe = url.replace(/[\s<>|"'`\\^{}()\p{Cc}\p{Cf}]|@(?=everyone|here|room)/giu, percent);
  return URL.canParse(safe) ? safe : undefined;
}

function percent(char: string): string {
  return char === "'" || char === "(" || char === ")" || char === "@"
    ? `%${char.charCodeAt(0).toString(16).toUpperCase()}`
    : encodeURIComponent(char);
}
