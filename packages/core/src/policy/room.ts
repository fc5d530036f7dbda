import { passName, type Gate, type Pass } from "@bellhop/contracts";
import { groupName } from "./crowd.ts";
import type { Limit } from "./policies.ts";

/** So many wait at one gate: its record is one message. */
export const lineAtMost = 2_000;

/** So many of a line may be refused before they have left. */
export const refusedAtMost = 256;

/** What a record may have, in characters of JSON, when one more comes: what is refused or remembered afterwards has room beside it in a message. */
const roomAtMost = 640 * 1024;

/** Whether there is no room for one more, whoever it is. */
export function isOverfull({ inside, line, lately, many = {} }: Gate): boolean {
  let size = sizeOf(lately) + sizeOf(many);
  for (const pass of inside) size += sizeOf(pass);
  for (const pass of line) size += sizeOf(pass);
  return size > roomAtMost;
}

/** In characters of JSON. Thousands come while the others stand where they stood: what is no other object is measured once. */
function sizeOf(part: object): number {
  const known = sizes.get(part) ?? JSON.stringify(part).length + 1;
  sizes.set(part, known);
  return known;
}

const sizes = new WeakMap<object, number>();

/** Who is to give way in a line that is too long: of the largest group, whoever asked last. So one who asks for thousands takes the places of nobody else.
 *  @param newcomer gives way where its own group is as large as any */
export function whoGivesWay(line: Gate["line"], newcomer: Pass, limits: readonly Limit[]): Pass {
  const waiting = line.filter(({ refused }) => refused === undefined);
  const groups = new Map<string, Pass[]>();
  for (const limit of limits) {
    // The group of all says nothing about who is too many.
    if (limit.attributes.length === 0) continue;
    for (const pass of waiting) {
      const name = groupName(limit, pass);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [pass]);
      else group.push(pass);
    }
  }
  let largest: Pass[] = [];
  for (const group of groups.values()) {
    const isLarger = group.length > largest.length || (group.length === largest.length && group.includes(newcomer));
    if (isLarger) largest = group;
  }
  if (largest.length === 0 || largest.includes(newcomer)) return newcomer;
  return largest.toSorted(inTurn).at(-1) ?? newcomer;
}

/** The order of a line. */
export function inTurn(a: Pass, b: Pass): number {
  return a.at - b.at || (passName(a) < passName(b) ? -1 : 1);
}
