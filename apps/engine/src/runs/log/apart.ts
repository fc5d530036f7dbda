import { createHash } from "node:crypto";
import type { Apart, ObjectRef, Parted, Path } from "@bellhop/contracts";
import { follow, put } from "./changes.ts";

/** A value above so many bytes of JSON lies apart from the record that has it. */
const largestInline = 4 * 1024;

/** What lies apart has to be in the object store `values` before the record that names it. */
export interface Kept {
  readonly object: string;
  readonly text: string;
}

/** Takes large values out, the innermost first, so that one which is part of another is kept once wherever it comes to stand. */
export function takeApart(value: unknown): { value: unknown; bytes: number; apart: Apart[]; kept: Kept[] } {
  const found: Taken = { apart: [], kept: [] };
  const left = take(value, [], found);
  return { ...left, ...found };
}

/** Takes a value out as it is, with what was taken out of it before. */
export function takeWhole(value: unknown, apart: readonly Apart[]): { ref: ObjectRef; kept: Kept } {
  const parted: Parted = { value, apart: [...apart] };
  const kept = keptOf(parted, wordOfParted);
  return { ref: refOf(kept), kept };
}

/** Takes a list out as it is, with places where others may work. The same object as of {@link takeWhole}. */
export function* takeList(items: readonly unknown[]): Generator<void, { ref: ObjectRef; kept: Kept }, void> {
  const hash = createHash("sha256");
  const texts: string[] = [];
  let bytes = 0;
  const add = (text: string) => {
    hash.update(text);
    bytes += bytesOf(text);
    texts.push(text);
  };
  add('{"value":[');
  for (const [index, item] of items.entries()) {
    add(`${index === 0 ? "" : ","}${JSON.stringify(item)}`);
    yield;
  }
  add('],"apart":[]}');
  const object = `${hash.digest("hex")}${wordOfParted}`;
  return { ref: { object, bytes }, kept: { object, text: texts.join("") } };
}

/** Puts back in their places what lay apart. @param load reads an object as JSON */
export async function putTogether(value: unknown, apart: readonly Apart[], load: (ref: ObjectRef) => Promise<unknown>): Promise<unknown> {
  const root = { value };
  const loaded = await Promise.all(
    apart.map(async ({ at, ref, parted }) => {
      const found = await load(ref);
      if (parted !== true) return { at, inner: found };
      const { value: inner, apart: within } = found as Parted;
      return { at, inner: await putTogether(inner, within, load) };
    }),
  );
  // What is further out comes first: others are put into it.
  for (const { at, inner } of loaded.toSorted((a, b) => a.at.length - b.at.length)) {
    const path: Path = ["value", ...at];
    const last = path.pop() ?? "value";
    put(follow(root, path), last, inner);
  }
  return root.value;
}

interface Taken {
  apart: Apart[];
  kept: Kept[];
}

/** @returns what is left, and about how many bytes of JSON that is */
function take(value: unknown, at: Path, found: Taken): { value: unknown; bytes: number } {
  if (typeof value === "string") return leaf(value, value.length < 512 ? value.length + 2 : bytesOf(JSON.stringify(value)), { at, found });
  if (typeof value !== "object" || value === null) return { value, bytes: 8 };
  const before = found.apart.length;
  let bytes = 2;
  let changed: unknown[] | Record<string, unknown> | undefined;
  const inside = (name: string | number, inner: unknown) => {
    at.push(name);
    const taken = take(inner, at, found);
    at.pop();
    bytes += taken.bytes + 1;
    if (taken.value === inner) return;
    changed ??= Array.isArray(value) ? [...value] : { ...value };
    put(changed, name, taken.value);
  };
  if (Array.isArray(value)) for (const [index, inner] of value.entries()) inside(index, inner);
  else {
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      bytes += name.length + 3;
      inside(name, inner);
    }
  }
  // From what another value was taken out of, the path to that one is still needed.
  return found.apart.length > before ? { value: changed ?? value, bytes } : leaf(value, bytes, { at, found });
}

function leaf(value: unknown, bytes: number, { at, found }: { at: Path; found: Taken }): { value: unknown; bytes: number } {
  if (bytes <= largestInline) return { value, bytes };
  const kept = keptOf(value);
  found.kept.push(kept);
  found.apart.push({ at: [...at], ref: refOf(kept) });
  return { value: null, bytes: 4 };
}

/** Objects that name others have a word behind their hash, so that the sweep knows them. */
const wordOfParted = ".state";

function keptOf(value: unknown, word = ""): Kept {
  const text = JSON.stringify(value);
  return { object: `${createHash("sha256").update(text).digest("hex")}${word}`, text };
}

function refOf({ object, text }: Kept): ObjectRef {
  return { object, bytes: bytesOf(text) };
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
