import type { Card } from "@bellhop/contracts";
import { compose, writeDiscord } from "@bellhop/gateway/markdown";
import type { APIEmbed } from "discord.js";

/** A card as Discord shows it: https://discord.com/developers/docs/resources/message#embed-object, with its limits. */
export function embedOf({ color, author, title, url, text, fields = [], image, thumbnail, footer }: Card): APIEmbed {
  return {
    ...(color === undefined ? {} : { color: Number.parseInt(color.slice(1), 16) }),
    ...(author === undefined
      ? {}
      : { author: { name: author.name.slice(0, 256), ...link("url", author.url), ...link("icon_url", author.icon) } }),
    ...(title === undefined ? {} : { title: title.slice(0, 256) }),
    ...link("url", url),
    ...(text === undefined ? {} : { description: written(text, 4_096) }),
    ...(fields.length === 0
      ? {}
      : {
          fields: fields.slice(0, 25).map(({ name, value, short = false }) => ({
            // Neither may be nothing.
            name: name.slice(0, 256) || "\u200b",
            value: written(value, 1_024) || "\u200b",
            inline: short,
          })),
        }),
    ...(isAddress(image) ? { image: { url: image } } : {}),
    ...(isAddress(thumbnail) ? { thumbnail: { url: thumbnail } } : {}),
    ...(footer === undefined ? {} : { footer: { text: footer.slice(0, 2_048) } }),
  };
}

function written(text: string, n: number): string {
  const composed = compose(text, { write: writeDiscord, limit: { n, unit: "utf16" } });
  return composed.kind === "parts" ? (composed.parts[0]?.text ?? "") : composed.intro.text;
}

/** Discord refuses a message whose embed has an address that is none. */
function link<Name extends string>(name: Name, address: string | undefined): Partial<Record<Name, string>> {
  return isAddress(address) ? ({ [name]: address } as Partial<Record<Name, string>>) : {};
}

function isAddress(address: string | undefined): address is string {
  return address !== undefined && /^https?:\/\//.test(address) && URL.canParse(address);
}
