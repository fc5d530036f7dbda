import { Fault } from "../error.ts";
import { typeName } from "../value/equal.ts";

/* StackStorm's functions on semantic versions. Each throws a Fault: ValueError for what is no version, TypeError for what is no text. */

export function versionCompare(value: unknown, other: unknown): number {
  return compared(read(value), read(other));
}

/** `>=1.0.0` and the like, or a version alone. */
export function versionMatch(value: unknown, expression: unknown): boolean {
  const text = textOf(expression);
  const [, operator = "", version = ""] = /^(>=|<=|==|!=|<|>)?([\s\S]*)$/.exec(text) ?? [];
  if (operator === "" && !/^\d/.test(version)) {
    throw new Fault(
      "ValueError",
      `match_expr parameter should be in format <op><ver>, where <op> is one of ['<', '>', '==', '<=', '>=', '!=']. You provided: '${text}'`,
    );
  }
  const order = versionCompare(value, version);
  switch (operator) {
    case ">=":
      return order >= 0;
    case "<=":
      return order <= 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    default:
      return order === 0;
  }
}

export function versionBump(value: unknown, part: "major" | "minor" | "patch"): string {
  const { major, minor, patch } = read(value);
  if (part === "major") return `${major + 1n}.0.0`;
  return part === "minor" ? `${major}.${minor + 1n}.0` : `${major}.${minor}.${patch + 1n}`;
}

export function versionStripPatch(value: unknown): string {
  const { major, minor } = read(value);
  return `${major}.${minor}`;
}

interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly before: readonly string[];
}

const form =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

function read(value: unknown): Version {
  const text = textOf(value);
  const found = text.length > 1000 ? null : form.exec(text);
  if (found === null) throw new Fault("ValueError", `${text} is not valid SemVer string`);
  const [, major = "0", minor = "0", patch = "0", before] = found;
  return { major: BigInt(major), minor: BigInt(minor), patch: BigInt(patch), before: before?.split(".") ?? [] };
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new Fault("TypeError", `not expecting type '<class '${typeName(value)}'>'`);
  return value;
}

function compared(left: Version, right: Version): number {
  for (const part of ["major", "minor", "patch"] as const) if (left[part] !== right[part]) return left[part] < right[part] ? -1 : 1;
  if (left.before.length === 0 || right.before.length === 0) return Math.sign(right.before.length - left.before.length);
  for (const [place, one] of left.before.entries()) {
    const other = right.before[place];
    if (other === undefined) return 1;
    const order = parts(one, other);
    if (order !== 0) return order;
  }
  return left.before.length < right.before.length ? -1 : 0;
}

/** Numbers come before words, and by value. */
function parts(left: string, right: string): number {
  const [one, other] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (one && other) return left.length === right.length ? order(left, right) : Math.sign(left.length - right.length);
  return one === other ? order(left, right) : one ? -1 : 1;
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
