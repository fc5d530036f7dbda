import { hash, type Address } from "@bellhop/contracts";
import type { FilePiece, Pressable, WordsPiece } from "./write.ts";

/** Content of an m.room.message. */
export type MatrixContent = (Words | File) & {
  /** Under which our key stands: what we find it by. */
  "bellhop.key"?: string;
  "m.relates_to"?: ThreadRelation | { rel_type: "m.replace"; event_id: string };
  "m.new_content"?: Words;
};

interface Words {
  /** A bot's own way to speak: other bots never answer it. */
  msgtype: "m.notice";
  body: string;
  format: "org.matrix.custom.html";
  formatted_body: string;
  "m.mentions": Mentions;
  "bellhop.press"?: Pressable;
}

interface File {
  msgtype: "m.file" | "m.image" | "m.audio" | "m.video";
  body: string;
  filename: string;
  url: string;
  info: { mimetype: string; size: number };
  "m.mentions": Mentions;
  /** Tells whether it is the same file again. */
  "bellhop.object": string;
}

/** Empty, not absent: then the old rules that look for names and @room in the text are off. */
interface Mentions {
  user_ids?: readonly string[];
}

interface ThreadRelation {
  rel_type: "m.thread";
  event_id: string;
  is_falling_back: true;
  "m.in_reply_to": { event_id: string };
}

export function wordsContent({ text, html, mentions, pressable }: WordsPiece): Words {
  return {
    msgtype: "m.notice",
    body: text,
    format: "org.matrix.custom.html",
    formatted_body: html,
    "m.mentions": mentions.length === 0 ? {} : { user_ids: mentions },
    ...(pressable === undefined ? {} : { "bellhop.press": pressable }),
  };
}

/** For clients that know edits and for those that don't. An edit calls nobody anew. */
export function editContent(piece: WordsPiece, event: string): MatrixContent {
  const words = wordsContent(piece);
  return {
    ...words,
    body: `* ${words.body}`,
    formatted_body: `* ${words.formatted_body}`,
    "m.mentions": {},
    "m.new_content": words,
    "m.relates_to": { rel_type: "m.replace", event_id: event },
  };
}

export function fileContent(piece: FilePiece, { url, bytes }: { url: string; bytes: number }): MatrixContent {
  const { name, type } = piece;
  return {
    msgtype: msgtypeOf(type),
    body: name,
    filename: name,
    url,
    info: { mimetype: type, size: bytes },
    "m.mentions": {},
    "bellhop.object": objectOf(piece),
  };
}

/** The same for the same content. */
export function objectOf({ content }: FilePiece): string {
  return content.kind === "text" ? hash(content.text) : (content.file.object ?? "");
}

/** Nothing where an answer stands in no thread. */
export function threadRelation({ thread, message }: Pick<Address, "thread" | "message">): Pick<MatrixContent, "m.relates_to"> {
  if (thread === undefined) return {};
  const relation: ThreadRelation = {
    rel_type: "m.thread",
    event_id: thread,
    is_falling_back: true,
    "m.in_reply_to": { event_id: message ?? thread },
  };
  return { "m.relates_to": relation };
}

/** With the room that it is about above it, and a way to what was asked there. */
export function headed(piece: WordsPiece, about: { room: string; name: string; message: string | undefined }): WordsPiece {
  const { room, message } = about;
  const name = Array.from(about.name).slice(0, 100).join("");
  const link = `https://matrix.to/#/${encodeURIComponent(room)}${message === undefined ? "" : `/${encodeURIComponent(message)}`}`;
  return {
    ...piece,
    text: `In ${name} (${link}), for you alone:\n\n${piece.text}`,
    html: `<p>In <a href="${link}">${escaped(name)}</a>, for you alone:</p>${piece.html}`,
  };
}

/** Clients show only pictures of these kinds in place; a drawing may be a program. */
function msgtypeOf(type: string): File["msgtype"] {
  const [kind = "", subtype = ""] = type.split("/");
  if (kind === "image" && !subtype.startsWith("svg")) return "m.image";
  return kind === "audio" ? "m.audio" : kind === "video" ? "m.video" : "m.file";
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
