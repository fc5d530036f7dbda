import { DateTime, Dict, entriesOf, Float, isMapping, isoOf, PythonSet, Shown } from "@bellhop/expression";

/** What a workflow's YAML says, as plain objects; a mapping stays a `Dict` where its keys are no texts, which inspection complains of. Undefined where there
 *  is no end to it: an alias that holds itself, or aliases in aliases that come to more than a hundred thousand values. */
export function documentOf(loaded: unknown): unknown {
  const bound = { values: 100_000, around: new Set<unknown>() };
  try {
    return plain(loaded, bound);
  } catch (error) {
    if (error instanceof Endless) return undefined;
    throw error;
  }
}

class Endless extends Error {}

function plain(value: unknown, bound: { values: number; readonly around: Set<unknown> }): unknown {
  bound.values -= 1;
  if (bound.values < 0 || bound.around.has(value)) throw new Endless();
  if (!Array.isArray(value) && !isMapping(value)) return value;
  bound.around.add(value);
  const made = Array.isArray(value)
    ? value.map((item) => plain(item, bound))
    : mappingOf(Array.from(entriesOf(value), ([key, item]) => [key, plain(item, bound)]));
  bound.around.delete(value);
  return made;
}

/** Of texts alone it is a plain object. */
export function mappingOf(entries: readonly [unknown, unknown][]): unknown {
  const texts = entries.filter((entry): entry is [string, unknown] => typeof entry[0] === "string");
  return texts.length === entries.length ? Object.fromEntries(texts) : new Dict(entries);
}

/** A document as JSON has it, to be kept and sent: keys become text, dates their ISO form. */
export function dataOf(document: unknown): unknown {
  if (Array.isArray(document)) return document.map(dataOf);
  if (isMapping(document)) return Object.fromEntries(Array.from(entriesOf(document), ([key, item]) => [String(key), dataOf(item)]));
  if (document instanceof Float) return document.value;
  if (typeof document === "bigint") return Number(document);
  if (document instanceof DateTime) return isoOf(document);
  if (document instanceof Shown) return document.text;
  return document instanceof PythonSet ? Array.from(document, dataOf) : (document ?? null);
}
