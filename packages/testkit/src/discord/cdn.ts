import { createHmac } from "node:crypto";
import type { Answer } from "./route.ts";
import type { Shape } from "./shapes.ts";
import type { Channel, StoredFile, World } from "./state.ts";

/** One look at a file. */
export interface Download {
  name: string;
  status: number;
  /** The header, where there was one: a bot's token has no business here. */
  authorization?: string;
}

export function attachmentShape(world: World, channel: Channel, file: StoredFile): Shape {
  const url = urlOf(world, channel, file);
  return {
    id: file.id,
    filename: file.name,
    size: file.content.byteLength,
    url,
    proxy_url: url,
    content_type: file.type.startsWith("text/") ? `${file.type}; charset=utf-8` : file.type,
    flags: 0,
  };
}

/** A file by its address, for as long as its signature is good (…/docs/reference#signed-attachment-cdn-urls). */
export function download(world: World, url: URL): Answer {
  const [, channel, id = ""] = /^\/attachments\/(\d+)\/(\d+)\/[^/]+$/.exec(url.pathname) ?? [];
  const file = world.files.get(id);
  const [expires, issued, signature] = ["ex", "is", "hm"].map((name) => url.searchParams.get(name) ?? "");
  const isGood =
    signature === signatureOf(world, `${channel}/${id}/${expires}/${issued}`) && Number.parseInt(expires ?? "", 16) * 1_000 > world.now();
  return file !== undefined && isGood ? { status: 200, file } : { status: 404, body: "This content is no longer available." };
}

function urlOf(world: World, channel: Channel, { id, name }: StoredFile): string {
  const { base, lifeMs } = world.cdn;
  const [expires, issued] = [world.now() + lifeMs, world.now()].map((ms) => Math.floor(ms / 1_000).toString(16));
  const signature = signatureOf(world, `${channel.id}/${id}/${expires}/${issued}`);
  return `${base}/attachments/${channel.id}/${id}/${encodeURIComponent(name)}?ex=${expires}&is=${issued}&hm=${signature}&`;
}

function signatureOf({ cdn }: World, what: string): string {
  return createHmac("sha256", cdn.secret).update(what).digest("hex");
}
