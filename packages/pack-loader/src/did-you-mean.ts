import { nearest } from "@bellhop/core/near";

/** "Did you mean x?", or what there is, or nothing when there is nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const names = [...new Set(known)];
  const near = nearest(word, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  return names.length === 0 ? "" : `There are: ${names.toSorted().join(", ")}.`;
}
