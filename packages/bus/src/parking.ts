/** Which of several wordings of one thing a message is. */
export interface Wording {
  readonly key: string;
  readonly revision: number;
  /** It is never left out for a later one. */
  readonly last: boolean;
}

/** What has to be known of a message here. */
export interface Parkable {
  readonly id: string;
  /** Its place in the stream, or in its group. */
  readonly sequence: number;
  readonly deliveries: number;
  /** Where to answer its newest delivery. */
  readonly reply: string;
  readonly wording: Wording | undefined;
}

/** A message that waits with the server, and of which only this is remembered. */
export interface Place {
  id: string;
  readonly sequence: number;
  /** As they were when it was parked: calling it back is another, which says nothing. */
  deliveries: number;
  reply: string;
  wording: Wording | undefined;
  /** When it was called back, on the monotonic clock; undefined while it is parked. */
  calledAt: number | undefined;
}

export type Taken =
  | { readonly kind: "in-hand" }
  /** @param over where to acknowledge an earlier wording, whose place it took */
  | { readonly kind: "parked"; readonly over?: string }
  /** A later wording of it is parked: it need not be handled. */
  | { readonly kind: "superseded" };

interface Group<Item> {
  readonly key: string;
  inHand: number;
  /** How many wordings of each key are in hand. */
  readonly keys: Map<string, number>;
  /** In their order. */
  readonly parked: Place[];
  /** Called back, with what has come of them: they go on together, in their order. */
  called: { readonly place: Place; item: Item | undefined }[];
}

/** Keeps so many messages of each group in hand, and remembers of the others only where they are, so that a group of thousands costs little and stands before
 *  nobody. Decides; whoever has it talks to the server. */
export class Parking<Item extends Parkable> {
  readonly #most: { readonly each: number; readonly all: number };
  readonly #groups = new Map<string, Group<Item>>();
  readonly #places = new Map<string, { readonly place: Place; readonly group: Group<Item> }>();
  /** The parked wording of a key. */
  readonly #wordings = new Map<string, Place>();
  #inHand = 0;

  /** @param most.each in hand of one group; only one once `most.all` are in hand */
  constructor(most: { each: number; all: number }) {
    this.#most = most;
  }

  /** How many places are remembered. */
  get size(): number {
    return this.#places.size;
  }

  find(id: string): Place | undefined {
    return this.#places.get(id)?.place;
  }

  /** Takes what came into its group's hand, or parks it, where that is full or earlier ones are parked. */
  take(key: string, item: Item): Taken {
    const group = this.#groups.get(key) ?? { key, inHand: 0, keys: new Map(), parked: [], called: [] };
    this.#groups.set(key, group);
    const earliest = group.called[0]?.place ?? group.parked[0];
    const isFirst = earliest === undefined ? group.inHand < this.#share() : item.sequence < earliest.sequence;
    // What takes the place of something in hand needs none of its own.
    if (isFirst || group.keys.has(item.wording?.key ?? "")) {
      this.#hold(group, item);
      return { kind: "in-hand" };
    }
    const other = this.#wordings.get(item.wording?.key ?? "");
    if (other !== undefined && isReplaceable(item, other)) return { kind: "superseded" };
    if (other !== undefined && isReplaceable(other, item)) return { kind: "parked", over: this.#replace(other, item) };
    this.#park(group, item);
    return { kind: "parked" };
  }

  /** One that was called back is there. @returns those that may go on now, which are in hand from then on */
  come(place: Place, item: Item): Item[] {
    const group = this.#places.get(place.id)?.group;
    const called = group?.called.find((one) => one.place === place);
    if (group === undefined || called === undefined) return [];
    called.item = item;
    return this.#complete(group);
  }

  /** One that was called back is not to be had any more. @returns those that may go on now, and those that are to be called back */
  forget(place: Place, now: number): { items: Item[]; places: Place[] } {
    const group = this.#places.get(place.id)?.group;
    if (group === undefined) return { items: [], places: [] };
    group.called = group.called.filter((one) => one.place !== place);
    this.#places.delete(place.id);
    const items = this.#complete(group);
    return { items, places: this.#next(group, now) };
  }

  /** One that was in hand is over. @returns the places that are to be called back */
  done(key: string, item: Item, now: number): Place[] {
    const group = this.#groups.get(key);
    if (group === undefined) return [];
    group.inHand--;
    this.#inHand--;
    if (item.wording !== undefined) {
      const left = (group.keys.get(item.wording.key) ?? 1) - 1;
      if (left > 0) group.keys.set(item.wording.key, left);
      else group.keys.delete(item.wording.key);
    }
    return this.#next(group, now);
  }

  /** Those that were called before `then` and have not come: the call was lost. */
  overdue(then: number): Place[] {
    const places: Place[] = [];
    for (const { called } of this.#groups.values()) {
      for (const { place, item } of called) if (item === undefined && (place.calledAt ?? then) < then) places.push(place);
    }
    return places;
  }

  #share(): number {
    return this.#inHand < this.#most.all ? this.#most.each : 1;
  }

  #hold(group: Group<Item>, { wording }: Item): void {
    group.inHand++;
    this.#inHand++;
    if (wording !== undefined) group.keys.set(wording.key, (group.keys.get(wording.key) ?? 0) + 1);
  }

  #park(group: Group<Item>, { id, sequence, deliveries, reply, wording }: Item): void {
    const place: Place = { id, sequence, deliveries, reply, wording, calledAt: undefined };
    this.#places.set(id, { place, group });
    if (wording !== undefined) this.#wordings.set(wording.key, place);
    const before = group.parked.findLastIndex((other) => other.sequence < sequence);
    group.parked.splice(before + 1, 0, place);
  }

  /** @returns where the wording before is to be acknowledged */
  #replace(place: Place, { id, deliveries, reply, wording }: Item): string {
    const known = this.#places.get(place.id);
    if (known === undefined) throw new Error(`the place of ${place.id} is not known`);
    const over = place.reply;
    this.#places.delete(place.id);
    this.#places.set(id, known);
    Object.assign(place, { id, deliveries, reply, wording });
    return over;
  }

  #complete(group: Group<Item>): Item[] {
    const items = group.called.flatMap((one) => one.item ?? []);
    if (items.length < group.called.length) return [];
    for (const { place } of group.called) this.#places.delete(place.id);
    group.called = [];
    for (const item of items) this.#hold(group, item);
    return items;
  }

  #next(group: Group<Item>, now: number): Place[] {
    const share = this.#share();
    if (group.called.length > 0 || group.inHand > Math.floor(share / 2)) return [];
    const next = group.parked.splice(0, share - group.inHand);
    for (const place of next) {
      place.calledAt = now;
      if (this.#wordings.get(place.wording?.key ?? "") === place) this.#wordings.delete(place.wording?.key ?? "");
    }
    group.called = next.map((place) => ({ place, item: undefined }));
    if (next.length === 0 && group.inHand === 0) this.#groups.delete(group.key);
    return next;
  }
}

type Said = Pick<Parkable, "deliveries" | "wording">;

/** Somebody may have begun what was delivered before: that has to be handled. */
function isReplaceable({ wording, deliveries }: Said, by: Said): boolean {
  return wording !== undefined && !wording.last && deliveries === 1 && (by.wording?.revision ?? 0) > wording.revision;
}
