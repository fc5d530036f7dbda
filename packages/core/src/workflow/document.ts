import {
  Budget,
  DateTime,
  Dict,
  entriesOf,
  Fault,
  Float,
  isMapping,
  isoOf,
  PythonSet,
  Shown,
  yamlLoad,
  YamlFault,
} from "@bellhop/expression";

type WorkflowText =
  | { readonly kind: "read"; readonly document: unknown }
  /** `offset` counts from 0. */
  | { readonly kind: "fault"; readonly message: string; readonly offset: number };

/** What a workflow's YAML says to PyYAML, as plain objects; a mapping stays a `Dict` where its keys are no texts, which inspection complains of. */
export function readWorkflowText(text: string): WorkflowText {
  try {
    return { kind: "read", document: plain(yamlLoad(text, new Budget()), { values: mostValues, around: new Set() }) };
  } catch (error) {
    if (error instanceof Endless) return { kind: "fault", message: error.message, offset: 0 };
    if (error instanceof RangeError) return { kind: "fault", message: "It is nested too deeply to be read.", offset: 0 };
    if (!(error instanceof Fault)) throw error;
    const offset = error instanceof YamlFault ? error.position : 0;
    return { kind: "fault", message: `This can't be read: ${error.message}.`.replace(/\.\.$/, "."), offset };
  }
}

/** Aliases in aliases may come to any number. */
const mostValues = 100_000;

class Endless extends Error {}

function plain(value: unknown, bound: { values: number; readonly around: Set<unknown> }): unknown {
  bound.values -= 1;
  if (bound.around.has(value)) throw new Endless("There is no end to it: an alias stands within what it stands for.");
  if (bound.values < 0) throw new Endless(`It holds more than ${mostValues} values.`);
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
