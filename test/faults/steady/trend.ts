import { median } from "../../load/figures.ts";

export interface Point {
  /** In hours. */
  at: number;
  value: number;
}

/** How much a value grows in an hour: the median of the slopes between all pairs of points (Theil-Sen). Up to a quarter of the points may lie anywhere, so that the
 *  peak before a collection of garbage is not taken for growth. 0 for fewer than two points. */
export function growthPerHour(points: readonly Point[]): number {
  const slopes = points.flatMap((one, index) => points.slice(index + 1).map((other) => (other.value - one.value) / (other.at - one.at)));
  return slopes.length === 0 ? 0 : median(slopes);
}
