import { isSealed, type Sealed } from "@bellhop/contracts";

/** A value in which what is sealed is opened as it is read, and no sooner: whoever reads beside it opens nothing. The same value where nothing is sealed. One that
 *  is sealed itself is opened at once. */
export function openedWhenRead<Value>(value: Value, open: (sealed: Sealed) => unknown): Value;
export function openedWhenRead(value: unknown, open: (sealed: Sealed) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isSealed(value)) return open(value);
  if (!isClosed(value)) return value;
  const made = Array.isArray(value) ? [] : {};
  for (const [name, inner] of Object.entries(value)) {
    const own: PropertyDescriptor = isSealed(inner) ? { get: () => open(inner) } : { value: openedWhenRead(inner, open) };
    Object.defineProperty(made, name, { ...own, enumerable: true, configurable: true });
  }
  originals.set(made, value);
  return made;
}

/** What a value was made of that is opened when it is read, with everything in it as closed as it came; undefined for any other. */
export function originalOf(value: object): unknown {
  return originals.get(value);
}

const originals = new WeakMap<object, unknown>();

/** Values are looked at by many expressions, and never changed. */
function isClosed(value: object): boolean {
  const known = closed.get(value);
  if (known !== undefined) return known;
  const holds = isSealed(value) || Object.values(value).some((inner) => typeof inner === "object" && inner !== null && isClosed(inner));
  closed.set(value, holds);
  return holds;
}

const closed = new WeakMap<object, boolean>();
