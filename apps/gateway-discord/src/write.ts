import type { Choices, FileRef, Send } from "@bellhop/contracts";
import type { Place } from "@bellhop/gateway";
import { compose, writeDiscord } from "@bellhop/gateway/markdown";
import type { APIEmbed } from "discord.js";
import { embedOf } from "./embeds.ts";

/** One message. */
export interface DiscordPiece {
  /** Empty where there are only files. */
  readonly content: string;
  /** Whom it may ping: ids. */
  readonly pings: readonly string[];
  readonly files: readonly PieceFile[];
  /** Cards. */
  readonly embeds?: readonly APIEmbed[];
  /** What can be pressed below it. */
  readonly choices?: Choices;
  /** Its place in the send, from 0. */
  readonly index: number;
  /** How many of the pieces before it look the same. */
  readonly nth: number;
}

/** A file of which somebody else keeps the bytes, or one that is a text of our own. */
export type PieceFile = Pick<FileRef, "name" | "type" | "bytes"> & ({ readonly from: FileRef } | { readonly text: string });

/** A send as its messages: its words, then its files. The same for the same send, and never none. */
export function writePieces(send: Send): DiscordPiece[] {
  const heading = isWhisper(send) ? headingOf(send) : "";
  const { shown, left } = sorted(send.body.files ?? []);
  const markdown = [send.body.text, ...left].filter((text) => text !== "").join("\n\n");
  const composed = compose(markdown, {
    write: writeDiscord,
    limit: { n: longest - heading.length, unit: "utf16" },
    mentions: send.body.mentions?.map(({ token, person }) => ({ token, platformId: person })),
  });
  const texts = composed.kind === "parts" ? composed.parts : [composed.intro];
  const whole = composed.kind === "file" ? [textFile(composed)] : [];
  const said = texts.filter(({ text }) => text.trim() !== "").map(({ text, mentions }) => ({ content: text, pings: mentions, files: [] }));
  const files = grouped([...whole, ...shown]).map((group) => ({ content: "", pings: [], files: group }));
  const pieces: Look[] = [...said, ...files];
  const [first = { content: "(empty)", pings: [], files: [] }, ...rest] = pieces;
  const all = [{ ...first, content: heading + first.content }, ...rest];
  const { choices, cards = [] } = send.body;
  const at = Math.max(0, said.length - 1);
  const below = { ...(choices === undefined ? {} : { choices }), ...(cards.length === 0 ? {} : { embeds: cards.map(embedOf) }) };
  return counted(all.map((piece, index) => (index === at ? { ...piece, ...below } : piece)));
}

/** Whether only one person of a room may see it: it goes to them directly, because that is all that Discord has for it. */
export function isWhisper({ to, only }: Pick<Place, "to" | "only">): boolean {
  return only !== undefined && to.space !== undefined;
}

/** What is said where Discord takes none of a piece's files: the bot may not attach any there, or they are too large for it. */
export function insteadOfFiles(piece: DiscordPiece): DiscordPiece {
  return {
    ...piece,
    files: [],
    content: [piece.content, `${named(piece.files)} can't be shown here.`].filter((text) => text !== "").join("\n"),
  };
}

/** What is said in the room to who can't be told alone. */
export function insteadOfWhisper(person: string): DiscordPiece {
  const content = `The answer is for <@${person}> alone, who takes no direct messages from me: allow them for this server, and ask again.`;
  return { content, pings: [person], files: [], index: 0, nth: 0 };
}

/** Names as people read them, in code: nothing in them is markup. */
function named(files: readonly Pick<FileRef, "name">[]): string {
  return files.map(({ name }) => `\`${name.replace(/[`\s]+/g, " ")}\``).join(", ");
}

/** Characters of one message. */
const longest = 2_000;
/** Files of one message, and bytes of each (…/docs/reference#uploading-files: 20 MiB since September 2026) and of all: a request has room for 25 MiB. */
const mostFiles = 10;
const largestFile = 20 * 1024 * 1024;
const largestMessage = 24 * 1024 * 1024;

function headingOf({ to }: Pick<Send, "to">): string {
  const link = to.message === undefined ? "" : `: <https://discord.com/channels/${to.space}/${to.channel}/${to.message}>`;
  return `-# Only for you, from <#${to.channel}>${link}\n`;
}

/** What can be shown, and a line for each that can't. */
function sorted(files: readonly FileRef[]): { shown: PieceFile[]; left: string[] } {
  const shown: PieceFile[] = [];
  const left: string[] = [];
  for (const file of files) {
    const { name, type, bytes, object, lost } = file;
    if (object !== undefined && bytes <= largestFile) shown.push({ name, type, bytes, from: file });
    else if (lost === "too_large" || bytes > largestFile)
      left.push(`${named([file])} is too large to be shown here (${Math.ceil(bytes / 1_048_576)} MB).`);
    else left.push(`${named([file])} ${lost === "unreadable" ? "could not be read" : "is left out"}.`);
  }
  return { shown, left };
}

function textFile({ name, text }: { name: string; text: string }): PieceFile {
  return { name, type: "text/markdown", bytes: Buffer.byteLength(text), text };
}

function grouped(files: readonly PieceFile[]): PieceFile[][] {
  const groups: PieceFile[][] = [];
  let room = 0;
  for (const file of files) {
    const group = groups.at(-1);
    if (group !== undefined && group.length < mostFiles && file.bytes <= room) group.push(file);
    else {
      groups.push([file]);
      room = largestMessage;
    }
    room -= file.bytes;
  }
  return groups;
}

type Look = Pick<DiscordPiece, "content" | "pings" | "files" | "choices">;

function counted(pieces: readonly Look[]): DiscordPiece[] {
  const seen = new Map<string, number>();
  return pieces.map((piece, index) => {
    const look = JSON.stringify([piece.content, piece.files.map(({ name, bytes }) => [name, bytes])]);
    const nth = seen.get(look) ?? 0;
    seen.set(look, nth + 1);
    return { ...piece, index, nth };
  });
}
