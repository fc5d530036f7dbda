import { Fault } from "../error.ts";
import { Float } from "../number.ts";

/* Values are plain data: null, booleans, strings, numbers (see number.ts), arrays and objects as JSON has them, and the kinds below. What a plain array is
 * differs by language: Jinja takes it for a list and makes `Tuple`s, YAQL takes it for a tuple (that is what it turns its input into) and makes `List`s. */

export class Tuple extends Array<unknown> {}

export class List extends Array<unknown> {}

/** A mapping whose keys need not be strings; in order of insertion. Where all keys are strings a plain object is as good. */
export class Dict {
  readonly #entries = new Map<unknown, [unknown, unknown]>();

  constructor(entries: Iterable<readonly [unknown, unknown]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** As in Python the first key stays where an equal one is set. */
  set(key: unknown, value: unknown): this {
    const hash = hashOf(key);
    const entry = this.#entries.get(hash);
    if (entry === undefined) this.#entries.set(hash, [key, value]);
    else entry[1] = value;
    return this;
  }

  get(key: unknown): unknown {
    return this.#entries.get(hashOf(key))?.[1];
  }

  has(key: unknown): boolean {
    return this.#entries.has(hashOf(key));
  }

  delete(key: unknown): void {
    this.#entries.delete(hashOf(key));
  }

  entries(): Iterable<[unknown, unknown]> {
    return this.#entries.values();
  }
}

export class PythonSet {
  readonly #items = new Map<unknown, unknown>();

  constructor(items: Iterable<unknown> = []) {
    for (const item of items) {
      const hash = hashOf(item);
      if (!this.#items.has(hash)) this.#items.set(hash, item);
    }
  }

  get size(): number {
    return this.#items.size;
  }

  has(item: unknown): boolean {
    return this.#items.has(hashOf(item));
  }

  [Symbol.iterator](): IterableIterator<unknown> {
    return this.#items.values();
  }
}

/** Microseconds on the clock of the place since 1970, and how far that place is east of UTC in seconds; without `offset` nobody knows where it was. */
export class DateTime {
  readonly micros: bigint;
  readonly offset: number | undefined;

  constructor(micros: bigint, offset: number | undefined) {
    this.micros = micros;
    this.offset = offset;
  }

  /** Microseconds since 1970 in UTC. */
  get instant(): bigint {
    return this.micros - BigInt(this.offset ?? 0) * 1_000_000n;
  }
}

export class TimeDelta {
  readonly micros: bigint;

  constructor(micros: bigint) {
    this.micros = micros;
  }
}

/** A value of Python's that can only be shown: a date without time, for example. */
export class Shown {
  readonly type: string;
  readonly text: string;

  constructor(type: string, text: string) {
    this.type = type;
    this.text = text;
  }
}

/** A value that somebody else looks up: it shows as a text, leads on to others by name, and may have something closed in it that only it can open. One that
 *  is not there shows as nothing. */
export class Lookup extends Shown {
  readonly find: (name: string) => unknown;
  readonly missing: boolean;
  readonly open: (() => unknown) | undefined;

  constructor(about: { type: string; text?: string | undefined; find: (name: string) => unknown; open?: (() => unknown) | undefined }) {
    super(about.type, about.text ?? "");
    this.find = about.find;
    this.missing = about.text === undefined;
    this.open = about.open;
  }
}

export type Mapping = Dict | Readonly<Record<string, unknown>>;

/** An object as JSON has them, where every key is a text. */
export function mappingOf(entries: readonly (readonly [unknown, unknown])[]): Mapping {
  const named = entries.every((entry): entry is readonly [string, unknown] => typeof entry[0] === "string");
  return named ? Object.fromEntries(entries) : new Dict(entries);
}

export function isMapping(value: unknown): value is Mapping {
  return value instanceof Dict || isObject(value);
}

export function isSequence(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** An object as JSON has them; nothing that has a class. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Undefined where there is no such key; a key that is there with nothing in it is null. */
export function getKey(mapping: Mapping, key: unknown): unknown {
  if (mapping instanceof Dict) return mapping.get(key);
  return typeof key === "string" && Object.hasOwn(mapping, key) ? (mapping[key] ?? null) : unhashable(key);
}

export function hasKey(mapping: Mapping, key: unknown): boolean {
  return getKey(mapping, key) !== undefined;
}

export function sizeOf(mapping: Mapping): number {
  return mapping instanceof Dict ? mapping.size : Object.keys(mapping).length;
}

export function entriesOf(mapping: Mapping): Iterable<readonly [unknown, unknown]> {
  return mapping instanceof Dict ? mapping.entries() : Object.entries(mapping);
}

export function keysOf(mapping: Mapping): unknown[] {
  return mapping instanceof Dict ? Array.from(mapping.entries(), ([key]) => key) : Object.keys(mapping);
}

/** What a key is looked up by: equal for values that Python finds equal, so `1`, `1.0` and `True` are one key. @throws {Fault} for what can't be one */
export function hashOf(value: unknown): unknown {
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || value === undefined) return null;
  if (value instanceof Float) return Object.is(value.value, -0) ? 0 : wholeOf(value.value);
  if (value instanceof DateTime) return `\0at ${value.instant} ${value.offset === undefined}`;
  if (value instanceof TimeDelta) return `\0for ${value.micros}`;
  if (value instanceof List) throw new Fault("TypeError", "unhashable type: 'list'");
  if (Array.isArray(value)) return `\0(${value.map(textOfHash).join(",")})`;
  if (value instanceof PythonSet) return `\0{${Array.from(value, textOfHash).toSorted().join(",")}}`;
  if (isMapping(value))
    return `\0{${Array.from(entriesOf(value), ([key, inner]) => `${textOfHash(key)}:${textOfHash(inner)}`)
      .toSorted()
      .join(",")}}`;
  return value;
}

function wholeOf(value: number): number | bigint {
  return Number.isSafeInteger(value) || !Number.isFinite(value) ? value : BigInt(value);
}

function textOfHash(value: unknown): string {
  const hash = hashOf(value);
  return typeof hash === "string" ? JSON.stringify(hash) : String(hash);
}

/** Only what can be a key may be asked for. */
function unhashable(key: unknown): undefined {
  hashOf(key);
  return undefined;
}
