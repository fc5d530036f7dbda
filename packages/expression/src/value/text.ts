import { Float } from "../number.ts";
import { DateTime, entriesOf, isMapping, isSequence, List, PythonSet, Shown, TimeDelta, Tuple } from "./kinds.ts";

/** What a plain array is taken for. */
type Bare = "list" | "tuple";

/** Python's `str()`. */
export function str(value: unknown, bare: Bare = "list"): string {
  if (typeof value === "string") return value;
  if (value instanceof DateTime) return isoOf(value, " ");
  if (value instanceof TimeDelta) return spanText(value);
  return value instanceof Shown ? value.text : repr(value, bare);
}

/** Python's `repr()`. */
export function repr(value: unknown, bare: Bare = "list"): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return Number.isInteger(value) ? String(BigInt(value)) : floatText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value === null || value === undefined) return "None";
  if (value instanceof Float) return floatText(value.value);
  if (isSequence(value)) {
    const inner = value.map((item) => repr(item, bare));
    if (value instanceof List || (bare === "list" && !(value instanceof Tuple))) return `[${inner.join(", ")}]`;
    return inner.length === 1 ? `(${inner[0] ?? ""},)` : `(${inner.join(", ")})`;
  }
  if (isMapping(value)) return `{${Array.from(entriesOf(value), ([key, inner]) => `${repr(key, bare)}: ${repr(inner, bare)}`).join(", ")}}`;
  if (value instanceof PythonSet) return setText(value, bare);
  if (value instanceof DateTime) return dateRepr(value);
  if (value instanceof TimeDelta) return spanRepr(value);
  return value instanceof Shown ? value.text : "<object>";
}

/** What has tuples for lists has frozen sets for sets. */
function setText(set: PythonSet, bare: Bare): string {
  const items = set.size === 0 ? "" : `{${Array.from(set, (item) => repr(item, bare)).join(", ")}}`;
  if (bare === "tuple") return `frozenset(${items})`;
  return items === "" ? "set()" : items;
}

/** A float as Python writes it: the shortest digits that read back the same, with an exponent from 1e16 on and below 1e-4. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  const text = plain(digits, exponent);
  return text.includes(".") ? text : `${text}.0`;
}

function plain(digits: string, exponent: number): string {
  const sign = digits.startsWith("-") ? "-" : "";
  const all = digits.replace("-", "").replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${all}`;
  if (all.length <= exponent + 1) return `${sign}${all.padEnd(exponent + 1, "0")}`;
  return `${sign}${all.slice(0, exponent + 1)}.${all.slice(exponent + 1)}`;
}

function quoted(text: string): string {
  if (/^[ !#-&(-[\]-~]*$/.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const char of text) {
    if (char === quote || char === "\\") out += `\\${char}`;
    else if (char === "\n") out += "\\n";
    else if (char === "\r") out += "\\r";
    else if (char === "\t") out += "\\t";
    else if (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(char) || (char !== " " && /\p{Zs}/u.test(char)))
      out += escaped(char.codePointAt(0) ?? 0);
    else out += char;
  }
  return out + quote;
}

function escaped(point: number): string {
  const hex = point.toString(16);
  if (point < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return point < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

export interface Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** 0 is Monday. */
  readonly weekday: number;
}

export function clockOf(at: DateTime): Clock {
  const micros = Number(((at.micros % 1_000_000n) + 1_000_000n) % 1_000_000n);
  const date = new Date(Number((at.micros - BigInt(micros)) / 1000n));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond: micros,
    weekday: (date.getUTCDay() + 6) % 7,
  };
}

/** `2026-03-01T11:59:50+00:00`, with six digits of a fraction where there is one. */
export function isoOf(at: DateTime, between = "T"): string {
  const clock = clockOf(at);
  const two = (part: number) => String(part).padStart(2, "0");
  const fraction = clock.microsecond === 0 ? "" : `.${String(clock.microsecond).padStart(6, "0")}`;
  const date = `${String(clock.year).padStart(4, "0")}-${two(clock.month)}-${two(clock.day)}`;
  return `${date}${between}${two(clock.hour)}:${two(clock.minute)}:${two(clock.second)}${fraction}${offsetText(at.offset, ":")}`;
}

export function offsetText(offset: number | undefined, between: string): string {
  if (offset === undefined) return "";
  const all = Math.abs(offset);
  const two = (part: number) => String(part).padStart(2, "0");
  const seconds = all % 60 === 0 ? "" : `${between}${two(all % 60)}`;
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(all / 3600))}${between}${two(Math.floor((all % 3600) / 60))}${seconds}`;
}

const micro = 1_000_000n;
const daily = 86_400n * micro;

function parts(span: TimeDelta): { days: bigint; seconds: number; micros: number } {
  const rest = ((span.micros % daily) + daily) % daily;
  return { days: (span.micros - rest) / daily, seconds: Number(rest / micro), micros: Number(rest % micro) };
}

function spanText(span: TimeDelta): string {
  const { days, seconds, micros } = parts(span);
  const two = (part: number) => String(part).padStart(2, "0");
  const time = `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  const fraction = micros === 0 ? "" : `.${String(micros).padStart(6, "0")}`;
  const before = days === 0n ? "" : `${days} day${days === 1n || days === -1n ? "" : "s"}, `;
  return `${before}${time}${fraction}`;
}

function spanRepr(span: TimeDelta): string {
  const { days, seconds, micros } = parts(span);
  const named = [
    days === 0n ? "" : `days=${days}`,
    seconds === 0 ? "" : `seconds=${seconds}`,
    micros === 0 ? "" : `microseconds=${micros}`,
  ];
  return `datetime.timedelta(${named.filter(Boolean).join(", ") || "0"})`;
}

function dateRepr(at: DateTime): string {
  const { year, month, day, hour, minute, second, microsecond } = clockOf(at);
  const numbers = [year, month, day, hour, minute];
  if (second > 0 || microsecond > 0) numbers.push(second);
  if (microsecond > 0) numbers.push(microsecond);
  const zone = at.offset === undefined ? "" : at.offset === 0 ? ", tzinfo=tzutc()" : `, tzinfo=tzoffset(None, ${at.offset})`;
  return `datetime.datetime(${numbers.join(", ")}${zone})`;
}
