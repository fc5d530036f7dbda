/** A list that shares all but a few dozen places with the one it came from, and is plain JSON: a tree of arrays. */
export interface List<T> {
  readonly length: number;
  /** How many levels of arrays lie above those that hold the items. */
  readonly height: number;
  readonly root: Level<T>;
}

/** Of arrays, or at the bottom of items. */
type Level<T> = readonly (Level<T> | T)[];

const bits = 5;
const width = 1 << bits;

export function emptyList<T>(): List<T> {
  return { length: 0, height: 0, root: [] };
}

/** Undefined past the end. */
export function at<T>({ length, height, root }: List<T>, index: number): T | undefined {
  if (index < 0 || index >= length) return undefined;
  let level = root;
  for (let shift = height * bits; shift > 0; shift -= bits) level = level[(index >>> shift) & (width - 1)] as Level<T>;
  return level[index & (width - 1)] as T;
}

/** With another item in a place, or one more where the place is the end. */
export function put<T>(list: List<T>, index: number, item: T): List<T> {
  if (index < 0 || index > list.length) throw new Error(`place ${index} of a list of ${list.length}`);
  const length = Math.max(list.length, index + 1);
  const full = index === width ** (list.height + 1);
  const height = full ? list.height + 1 : list.height;
  return { length, height, root: placed(full ? [list.root] : list.root, { index, item, shift: height * bits }) };
}

export function append<T>(list: List<T>, item: T): List<T> {
  return put(list, list.length, item);
}

export function listOf<T>(items: Iterable<T>): List<T> {
  let list = emptyList<T>();
  for (const item of items) list = append(list, item);
  return list;
}

export function* each<T>(list: List<T>): Generator<T> {
  yield* below(list.root, list.height);
}

/** The places that say something else than in the list it came from, with what they say: what both share is not looked into. */
export function* changedPlaces<T>(
  before: List<T> | undefined,
  after: List<T>,
): Generator<readonly [place: number, item: T, was: T | undefined]> {
  let known: Level<T> | T | undefined = before?.root;
  for (let height = before?.height ?? after.height; height < after.height; height++) known = [known as Level<T>];
  yield* changedBelow(known as Level<T> | undefined, after.root, { height: after.height, from: 0 });
}

function* changedBelow<T>(
  before: Level<T> | undefined,
  after: Level<T>,
  { height, from }: { readonly height: number; readonly from: number },
): Generator<readonly [place: number, item: T, was: T | undefined]> {
  for (const [index, inner] of after.entries()) {
    const was = before?.[index];
    if (inner === was) continue;
    const place = from + index * width ** height;
    if (height === 0) yield [place, inner as T, was as T | undefined];
    else yield* changedBelow(was as Level<T> | undefined, inner as Level<T>, { height: height - 1, from: place });
  }
}

function placed<T>(level: Level<T>, given: { readonly index: number; readonly item: T; readonly shift: number }): Level<T> {
  const { index, item, shift } = given;
  const place = (index >>> shift) & (width - 1);
  const copy = level.slice();
  copy[place] = shift === 0 ? item : placed((level[place] ?? []) as Level<T>, { index, item, shift: shift - bits });
  return copy;
}

function* below<T>(level: Level<T>, height: number): Generator<T> {
  for (const inner of level) {
    if (height === 0) yield inner as T;
    else yield* below(inner as Level<T>, height - 1);
  }
}
