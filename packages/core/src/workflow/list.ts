/** A list that shares all but a few dozen places with the one it came from, and is plain JSON: a tree of arrays. */
export interface List<T> {
  readonly length: number;
  /** How many levels of arrays lie above those that hold the items. */
  readonly height: number;
  readonly root: Level<T>;
}

type Level<T> = readonly T[] | readonly Level<T>[];

const bits = 5;
const width = 1 << bits;

export function emptyList<T>(): List<T> {
  return { length: 0, height: 0, root: [] };
}

/** Undefined past the end. */
export function at<T>({ length, height, root }: List<T>, index: number): T | undefined {
  if (index < 0 || index >= length) return undefined;
  let level: Level<T> | undefined = root;
  for (let above = height; level !== undefined; above--) {
    if (isBottom(level, above)) return level[placeOf(index, 0)];
    level = level[placeOf(index, above)];
  }
  return undefined;
}

/** With another item in a place, or one more where the place is the end. */
export function put<T>(list: List<T>, index: number, item: T): List<T> {
  if (index < 0 || index > list.length) throw new Error(`place ${index} of a list of ${list.length}`);
  const length = Math.max(list.length, index + 1);
  const full = index === width ** (list.height + 1);
  const height = full ? list.height + 1 : list.height;
  return { length, height, root: placed(full ? [list.root] : list.root, { index, item, height }) };
}

export function append<T>(list: List<T>, item: T): List<T> {
  return put(list, list.length, item);
}

export function listOf<T>(items: Iterable<T>): List<T> {
  let list = emptyList<T>();
  for (const item of items) list = append(list, item);
  return list;
}

/** The items in their order. */
export function* each<T>(list: List<T>): Generator<T> {
  yield* below(list.root, list.height);
}

/** The places that say something else than in the list it came from, with what they say: what both share is not looked into. */
export function* changedPlaces<T>(
  before: List<T> | undefined,
  after: List<T>,
): Generator<readonly [place: number, item: T, was: T | undefined]> {
  let known = before?.root;
  for (let height = before?.height ?? after.height; height < after.height; height++) known = known && [known];
  yield* changedBelow(known, after.root, { height: after.height, from: 0 });
}

function* changedBelow<T>(
  before: Level<T> | undefined,
  after: Level<T>,
  { height, from }: { readonly height: number; readonly from: number },
): Generator<readonly [place: number, item: T, was: T | undefined]> {
  if (isBottom(after, height)) {
    const items = before !== undefined && isBottom(before, height) ? before : [];
    for (const [index, item] of after.entries()) if (item !== items[index]) yield [from + index, item, items[index]];
    return;
  }
  const levels = before === undefined || isBottom(before, height) ? [] : before;
  for (const [index, level] of after.entries()) {
    const place = from + index * width ** height;
    if (level !== levels[index]) yield* changedBelow(levels[index], level, { height: height - 1, from: place });
  }
}

function placed<T>(level: Level<T>, given: { readonly index: number; readonly item: T; readonly height: number }): Level<T> {
  const { index, item, height } = given;
  const place = placeOf(index, height);
  if (isBottom(level, height)) return replaced(level, place, item);
  return replaced(level, place, placed(level[place] ?? [], { index, item, height: height - 1 }));
}

/** `with` goes no further than the end. */
function replaced<Member>(level: readonly Member[], place: number, member: Member): Member[] {
  const copy = level.slice();
  copy[place] = member;
  return copy;
}

function* below<T>(level: Level<T>, height: number): Generator<T> {
  if (isBottom(level, height)) yield* level;
  else for (const inner of level) yield* below(inner, height - 1);
}

function placeOf(index: number, height: number): number {
  return (index >>> (height * bits)) & (width - 1);
}

/** Nothing but its height tells an array of items from one of arrays: the items may be arrays too. */
function isBottom<T>(_level: Level<T>, height: number): _level is readonly T[] {
  return height === 0;
}
