/** One number a bench command prints. `aim` applies to `ratio` where there is one, else to `value`. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The floor or peer it is held against, measured in the same run, in the same unit. */
  against?: { name: string; value: number };
  ratio?: number;
  aim?: string;
  /** Whether the aim was met; there where an aim is. */
  holds?: boolean;
  /** Where an aim was missed: the stage that costs most. */
  why?: string;
}

export interface Report {
  bench: string;
  figures: Figure[];
  not_measured: string[];
}

export interface FigureOptions {
  name: string;
  value: number;
  unit: string;
  against?: { name: string; value: number };
  /** Whether the ratio of value to `against` is what counts; it is where `against` is given, unless this says no. */
  asRatio?: boolean;
  aim?: Aim;
  /** Said only when the aim is missed. */
  why?: string;
}

export interface Aim {
  atMost?: number;
  atLeast?: number;
}

/** Rounds, divides and judges. */
export function figure({ name, value, unit, against, asRatio = against !== undefined, aim, why }: FigureOptions): Figure {
  const ratio = asRatio && against !== undefined ? rounded(value / against.value) : undefined;
  const holds = aim === undefined ? undefined : meets(ratio ?? rounded(value), aim);
  return {
    name,
    value: rounded(value),
    unit,
    ...(against === undefined ? {} : { against: { name: against.name, value: rounded(against.value) } }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(aim === undefined ? {} : { aim: wording(aim), holds }),
    ...(holds === false && why !== undefined ? { why } : {}),
  };
}

/** The middle value; the mean of the two middle ones where their number is even. NaN when there are none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const high = sorted[upper] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[upper - 1] ?? Number.NaN)) / 2;
}

/** The smallest value that at least `percent` of all do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

function meets(value: number, { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY }: Aim): boolean {
  return value <= atMost && value >= atLeast;
}

function wording({ atMost, atLeast }: Aim): string {
  const parts = [];
  if (atLeast !== undefined) parts.push(`>= ${atLeast}`);
  if (atMost !== undefined) parts.push(`<= ${atMost}`);
  return parts.join(" and ");
}

/** Three digits after the point below 10, one below 1000, none above: more would pretend to know. */
function rounded(value: number): number {
  const digits = Math.abs(value) < 10 ? 3 : Math.abs(value) < 1000 ? 1 : 0;
  return Number(value.toFixed(digits));
}
