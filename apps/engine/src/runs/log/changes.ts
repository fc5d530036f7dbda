import { isFields, type Change, type Path } from "@bellhop/contracts";

/** What leads from one JSON value to another that shares with it what did not change: only what is another object is looked into.
 *  Done in their order, the changes leave fields in the order in which `after` has them. */
export function changesBetween(before: unknown, after: unknown): Change[] {
  const changes: Change[] = [];
  compare(before, after, [], changes);
  return changes;
}

/** Does the changes to a value that nobody else holds. @returns the value, another one where all of it changed */
export function withChanges(value: unknown, changes: readonly Change[]): unknown {
  const root = { value };
  for (const change of changes) {
    const path: Path = ["value", ...change.at];
    const last = path.pop() ?? "value";
    const parent = follow(root, path);
    if ("to" in change) put(parent, last, change.to);
    else if ("gone" in change) delete fields(parent)[last];
    else if ("drop" in change) list(follow(parent, [last])).splice(0, change.drop);
    else list(follow(parent, [last])).length = change.length;
  }
  return root.value;
}

/** What stands at the end of a path. @throws {Error} where nothing does */
export function follow(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) found = fields(found)[step];
  return found;
}

/** Puts a value in its place within another. */
export function put(parent: unknown, name: string | number, value: unknown): void {
  // An assignment to this name would set the prototype.
  if (name === "__proto__") Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
  else fields(parent)[name] = value;
}

function compare(before: unknown, after: unknown, at: Path, out: Change[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, at, out);
  else if (isFields(before) && isFields(after) && keepsOrder(before, after)) compareFields(before, after, at, out);
  else out.push({ at: [...at], to: after });
}

function compareFields(before: Fields, after: Fields, at: Path, out: Change[]): void {
  for (const name of names(before)) if (!has(after, name)) out.push({ at: [...at, name], gone: true });
  for (const name of names(after)) {
    if (!has(before, name)) out.push({ at: [...at, name], to: after[name] });
    else if (before[name] !== after[name]) {
      at.push(name);
      compare(before[name], after[name], at, out);
      at.pop();
    }
  }
}

function compareLists(before: readonly unknown[], after: readonly unknown[], at: Path, out: Change[]): void {
  // A list from whose front something was taken, as from a queue, is not another in every place.
  const drop = after.length === 0 ? 0 : before.indexOf(after[0]);
  const from = Math.max(0, drop);
  if (from > 0) out.push({ at: [...at], drop: from });
  const common = Math.min(before.length - from, after.length);
  if (before.length - from > after.length) out.push({ at: [...at], length: after.length });
  for (let index = 0; index < after.length; index++) {
    if (index >= common) out.push({ at: [...at, index], to: after[index] ?? null });
    else if (before[index + from] !== after[index]) {
      at.push(index);
      compare(before[index + from], after[index] ?? null, at, out);
      at.pop();
    }
  }
}

type Fields = Record<string, unknown>;

/** Whether taking away and adding at the end gives the order that `after` has. */
function keepsOrder(before: Fields, after: Fields): boolean {
  const kept = names(before).filter((name) => has(after, name));
  const wanted = names(after);
  return kept.every((name, index) => wanted[index] === name);
}

/** JSON knows no field that is undefined. */
function names(value: Fields): string[] {
  return Object.keys(value).filter((name) => value[name] !== undefined);
}

function has(value: Fields, name: string): boolean {
  return Object.hasOwn(value, name) && value[name] !== undefined;
}

function fields(value: unknown): Fields {
  if (!hasFields(value)) throw new Error("a path leads through what has no fields");
  return value;
}

/** Places are the fields of a list. */
function hasFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error("a path leads to what is no list");
  return value;
}
