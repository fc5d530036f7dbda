import { limits, problem } from "@bellhop/contracts";

/** A file that came with the command. */
export interface ActionFile {
  /** What the person called it, made safe: no path, not hidden, of no other file of the command. */
  readonly name: string;
  /** Its media type, such as `text/csv`. */
  readonly type: string;
  readonly bytes: number;
  /** Where it lies while the action runs. */
  readonly path: string;
}

/** Gives a file to the person who asked: it is shown with the reply, also where the action fails later. Up to 10 files of 25 MB each.
 *  @param name a path's last part counts; a second file of that name gets a number
 *  @param content text becomes UTF-8
 *  @param options.type its media type; absent: by the name's extension
 *  @throws Problem attachment_refused */
export type Attach = (name: string, content: string | Uint8Array, options?: { type?: string }) => void;

/** A file that an action attached, under a name that is safe in a folder of its own. */
export interface Attached {
  readonly name: string;
  readonly type: string;
}

/** Files that one action may give. */
export const mostAttached = 10;

/** `attach` for one call of an action.
 *  @param at.keep stores it; absent: nobody takes files here */
export function attaching(at: { action: string; keep?: (file: Attached, bytes: Uint8Array) => void }): {
  attach: Attach;
  close: () => void;
} {
  const taken = new Set<string>();
  let over = false;
  return {
    attach(name, content, { type } = {}) {
      const refused = (why: string) => problem("attachment_refused", { action: at.action, file: name, why });
      if (over || at.keep === undefined) throw refused(over ? "the action is over" : "nobody takes files here");
      if (taken.size >= mostAttached) throw refused(`it gave ${mostAttached} files already`);
      if (type !== undefined && !/^[\w.+-]+\/[\w.+-]+(;.*)?$/.test(type)) throw refused(`${type} is no media type`);
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      if (bytes.length > limits.file) throw refused(`it has ${bytes.length} bytes, and up to ${limits.file} are taken`);
      const safe = safeName(name, taken);
      at.keep({ name: safe, type: type ?? mediaType(safe) }, bytes);
    },
    close: () => void (over = true),
  };
}

/** A name that is safe in a folder: no path, no control characters, not hidden, and of no file that is there already.
 *  @param taken names that are there; the new one is added */
export function safeName(name: string, taken: Set<string>): string {
  const last = name.split(/[/\\]/).findLast((part) => part.trim() !== "") ?? "";
  const clean = last
    .replace(/\p{C}/gu, "")
    .replace(/^[\s.]+|[\s.]+$/g, "")
    .normalize();
  const dot = clean.lastIndexOf(".");
  const extension = dot > 0 ? cut(clean.slice(dot), 24) : "";
  const stem = cut(dot > 0 ? clean.slice(0, dot) : clean, 160) || "file";
  for (let count = 1; ; count++) {
    const candidate = `${stem}${count === 1 ? "" : `-${count}`}${extension}`;
    // Some file systems don't tell upper from lower case.
    const key = candidate.toLowerCase();
    if (taken.has(key)) continue;
    taken.add(key);
    return candidate;
  }
}

/** By the name's extension. */
export function mediaType(name: string): string {
  const extension = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return mediaTypes.get(extension) ?? "application/octet-stream";
}

/** A name has at most 255 bytes on disk.
 *  @param most bytes of UTF-8 */
function cut(text: string, most: number): string {
  let bytes = 0;
  let kept = "";
  for (const character of text) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > most) break;
    kept += character;
  }
  return kept;
}

/** As registered with IANA; what chats show and people send. */
const mediaTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "text/plain": "txt log text conf ini env diff patch",
    "text/markdown": "md markdown",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/html": "html htm",
    "text/css": "css",
    "text/calendar": "ics",
    "text/javascript": "js mjs cjs",
    "application/json": "json",
    "application/jsonl": "jsonl ndjson",
    "application/yaml": "yaml yml",
    "application/toml": "toml",
    "application/xml": "xml",
    "application/sql": "sql",
    "application/x-sh": "sh",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/gzip": "gz tgz",
    "application/x-tar": "tar",
    "application/zstd": "zst",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.text": "odt",
    "image/png": "png",
    "image/jpeg": "jpg jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "video/mp4": "mp4",
    "video/webm": "webm",
  }).flatMap(([type, extensions]) => extensions.split(" ").map((extension) => [extension, type] as const)),
);
