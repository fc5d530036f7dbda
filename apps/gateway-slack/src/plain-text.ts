/** Slack's own notation as the text a person sees: links and mentions without their brackets, `&amp; &lt; &gt;` as characters. */
export function plainText(text: string): string {
  return text
    .replace(/<([^<>]*)>/g, (_, inner: string) => bracketed(inner))
    .replace(/&(amp|lt|gt);/g, (_, name: string) => characters[name] ?? "");
}

const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">" };

/** What stands for `<…>`: docs.slack.dev, "Formatting message text". */
function bracketed(inner: string): string {
  const bar = inner.indexOf("|");
  const [target, label] = bar < 0 ? [inner, undefined] : [inner.slice(0, bar), inner.slice(bar + 1)];
  switch (target.charAt(0)) {
    case "@":
      return target;
    case "#":
      return `#${label || target.slice(1)}`;
    case "!":
      return label || `@${target.slice(1).split("^")[0] ?? ""}`;
    default:
      return link(target, label);
  }
}

/** A link that Slack made of a typed address reads as it was typed; one that hides its address shows it. */
function link(target: string, label: string | undefined): string {
  const address = target.replace(/^mailto:|^tel:/, "");
  if (label === undefined || label === "" || label === address) return address;
  return address.replace(/^https?:\/\//, "").replace(/\/$/, "") === label.replace(/\/$/, "") ? label : `[${label}](${address})`;
}
