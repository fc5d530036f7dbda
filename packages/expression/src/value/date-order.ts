export type Part = "year" | "month" | "day";

/** Which of the numbers of a date is which, by where a name of a month or a number that can only be a year stands: month before day where both could be. */
export function orderOf(numbers: readonly number[], places: { year?: number; month?: number }): readonly Part[] {
  const [first = 0, second = 0] = numbers;
  const other = (value: number): Part => (value > 31 ? "year" : "day");
  switch (numbers.length) {
    case 0:
      return [];
    case 1:
      return [places.month === 0 ? "month" : other(first)];
    case 2:
      if (places.month === 0) return ["month", other(second)];
      if (places.month === 1) return [other(first), "month"];
      if (first > 31) return ["year", "month"];
      return second > 31 ? ["month", "year"] : ["month", "day"];
    default:
      return orderOfThree(numbers, places);
  }
}

function orderOfThree([first = 0, second = 0]: readonly number[], places: { year?: number; month?: number }): readonly Part[] {
  if (places.month !== undefined && places.year !== undefined) {
    return [0, 1, 2].map((index) => (index === places.month ? "month" : index === places.year ? "year" : "day"));
  }
  if (places.month === 0) return second > 31 ? ["month", "year", "day"] : ["month", "day", "year"];
  if (places.month === 1) return first > 31 ? ["year", "month", "day"] : ["day", "month", "year"];
  if (places.month === 2) return second > 31 ? ["day", "year", "month"] : ["year", "day", "month"];
  if (first > 31 || places.year === 0) return ["year", "month", "day"];
  return first > 12 ? ["day", "month", "year"] : ["month", "day", "year"];
}
