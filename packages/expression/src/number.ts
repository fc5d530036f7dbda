/** A float of Python's whose value is whole: `1.0`, which is not `1`. A number with a fraction is a float as it is, one without is an int, and a bigint is an int
 *  beyond what a number holds exactly. So plain JSON stays plain, and what JSON can't tell apart is kept apart. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }
}

/** A float of this value, as it is held here. */
export function float(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** An int of this value, as it is held here. */
export function int(value: bigint | number): number | bigint {
  const big = BigInt(value);
  return big >= BigInt(Number.MIN_SAFE_INTEGER) && big <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big;
}

export function isFloat(value: unknown): value is number | Float {
  return value instanceof Float || (typeof value === "number" && !Number.isInteger(value));
}

export function isInt(value: unknown): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}
