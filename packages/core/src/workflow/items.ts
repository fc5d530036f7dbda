import { at, each, emptyList, put } from "./list.ts";
import { isActive, isEnded, isFailure, isWaiting, type ItemsLeft, type Report } from "./machine.ts";
import type { ItemsState, ItemState, TaskStatus } from "./state.ts";

export function itemsOf(list: readonly unknown[], concurrency: number | null): ItemsState {
  return { list, concurrency, begun: emptyList(), from: 0, statuses: {} };
}

/** An item as `item()` has it: under its names where there are some. */
export function namedItem(item: unknown, names: readonly string[] | undefined): unknown {
  if (names === undefined) return item;
  if (Array.isArray(item))
    return Object.fromEntries(names.slice(0, item.length).map((name, place): [string, unknown] => [name, item[place]]));
  const [name] = names;
  return name !== undefined && names.length === 1 ? { [name]: item } : item;
}

/** Those that may begin now, in order. `room`: how many actions may still be asked for. */
export function toBegin(items: ItemsState, room: number): readonly number[] {
  const most = items.concurrency === null ? room : Math.min(room, items.concurrency - active(items));
  const places: number[] = [];
  for (let place = items.from; place < items.list.length && places.length < most; place += 1) {
    if ((at(items.begun, place) ?? null) === null) places.push(place);
  }
  return places;
}

export function withItem(items: ItemsState, place: number, item: ItemState): ItemsState {
  const before = at(items.begun, place) ?? null;
  const { [item.status]: now = 0 } = items.statuses;
  const without = before === null ? {} : { [before.status]: (items.statuses[before.status] ?? 0) - 1 };
  const statuses = before?.status === item.status ? items.statuses : { ...items.statuses, ...without, [item.status]: now + 1 };
  return { ...items, begun: put(items.begun, place, item), from: place === items.from ? place + 1 : items.from, statuses };
}

/** How the others stand when one reports. What only moves it along is told by itself. */
export function itemHappening(items: ItemsState, place: number, status: Report): Report | `${Report} ${ItemsLeft}` {
  if (status === "running" || status === "pausing" || status === "canceling") return status;
  const own = at(items.begun, place)?.status;
  const others = (of: (status: TaskStatus) => boolean): number => countOf(items, of) - (own !== undefined && of(own) ? 1 : 0);
  if (others(isActive) > 0) return `${status} active`;
  if (others(isWaiting) > 0) return `${status} paused`;
  if (others((other) => other === "canceled") > 0) return `${status} canceled`;
  if (others(isFailure) > 0) return `${status} failed`;
  return others(isEnded) < items.list.length - 1 ? `${status} more` : `${status} none`;
}

/** What `result()` is: of each item its result, null where it has none. */
export function resultsOf(items: ItemsState): readonly unknown[] {
  return items.list.map((_, place) => at(items.begun, place)?.result ?? null);
}

/** For another instance: all again, or those alone that did not succeed. */
export function again(items: ItemsState, reset: boolean): ItemsState {
  let next: ItemsState = itemsOf(items.list, items.concurrency);
  let place = 0;
  for (const item of each(items.begun)) {
    const keeps = item !== null && !reset && item.status === "succeeded";
    next = keeps ? withItem(next, place, item) : { ...next, begun: put(next.begun, place, null) };
    place += 1;
  }
  return next;
}

function active(items: ItemsState): number {
  return countOf(items, isActive);
}

function countOf(items: ItemsState, of: (status: TaskStatus) => boolean): number {
  let sum = 0;
  for (const [status, count] of Object.entries(items.statuses)) if (of(status as TaskStatus)) sum += count;
  return sum;
}
