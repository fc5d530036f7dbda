import { Fault } from "../error.ts";
import { orderOf } from "./date-order.ts";
import { halfOf, inHalf, isFiller, isUtc, monthOf, unitOf, weekdayOf } from "./date-words.ts";
import { DateTime } from "./kinds.ts";

/** Reads a date as people and machines write it, by the rules of Python's dateutil: month before day where both could be, and what is not said is taken from
 *  the day of `now`. `offset` is undefined where the text names no zone that is known. @throws Fault `ParserError` */
export function parseDate(text: string, now: DateTime): DateTime {
  const found = read(text, yearOf(now));
  if (found === undefined) throw new Fault("ParserError", `Unknown string format: ${text}`);
  if (Object.values(found).every((part) => part === undefined)) throw new Fault("ParserError", `String does not contain a date: ${text}`);
  return assembled(found, { text, now });
}

interface Found {
  year?: number | undefined;
  month?: number | undefined;
  day?: number | undefined;
  /** Monday is 0. */
  weekday?: number | undefined;
  hour?: number | undefined;
  minute?: number | undefined;
  second?: number | undefined;
  micro?: number | undefined;
  zone?: string | undefined;
  offset?: number | undefined;
}

/** Undefined: no such form of a date. */
function read(text: string, thisYear: number): Found | undefined {
  const reader = new Reader(tokensOf(text), thisYear);
  return reader.read() ? reader.found() : undefined;
}

/** Numbers with their fraction, words, single characters; any white space is a space. A comma is a point where two digits stand before it. */
function tokensOf(text: string): string[] {
  const tokens = text.match(/\d+(?:(?:\.\d+)+|(?<=\d\d),\d+(?!\.\d))|\d+|\p{L}+|\s|[^\p{L}\d\s]/gu) ?? [];
  return tokens.flatMap((token) => {
    if (/^\s$/u.test(token)) return [" "];
    if (/^\d+,\d+$/.test(token)) return [token.replace(",", ".")];
    return /^\d+\.\d+\./.test(token) ? token.split(/(\.)/) : [token];
  });
}

class Reader {
  readonly #tokens: readonly string[];
  readonly #thisYear: number;
  readonly #found: Found = {};
  /** Numbers that are a year, a month or a day, as they came. */
  readonly #numbers: number[] = [];
  readonly #places: { year?: number; month?: number; day?: number } = {};
  #century = false;
  #at = 0;

  constructor(tokens: readonly string[], thisYear: number) {
    this.#tokens = tokens;
    this.#thisYear = thisYear;
  }

  read(): boolean {
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#token(0);
      if (!(/^\d/.test(token) ? this.#number(token) : this.#word(token))) return false;
    }
    return this.#resolve();
  }

  found(): Found {
    const { year } = this.#found;
    return { ...this.#found, year: year === undefined ? undefined : this.#fullYear(year) };
  }

  #token(ahead: number): string {
    return this.#tokens[this.#at + ahead] ?? "";
  }

  #isOver(ahead: number): boolean {
    return this.#at + ahead >= this.#tokens.length;
  }

  #number(token: string): boolean {
    const length = token.length;
    const value = Number(token);
    const next = this.#token(1);
    const dated = this.#numbers.length === 3;
    if (dated && (length === 2 || length === 4) && this.#found.hour === undefined && (this.#isOver(1) || next === " " || unitOf(next))) {
      this.#found.hour = Number(token.slice(0, 2));
      if (length === 4) this.#found.minute = Number(token.slice(2));
      return true;
    }
    if (length === 6 || (length > 6 && token.indexOf(".") === 6)) return this.#six(token);
    if (length === 8 || length === 12 || length === 14) {
      this.#add(token.slice(0, 4), "year");
      this.#add(token.slice(4, 6));
      this.#add(token.slice(6, 8));
      if (length > 8) {
        this.#found.hour = Number(token.slice(8, 10));
        this.#found.minute = Number(token.slice(10, 12));
        if (length > 12) this.#found.second = Number(token.slice(12));
      }
      return true;
    }
    const unitAt = unitOf(next) !== undefined ? 1 : next === " " && unitOf(this.#token(2)) !== undefined ? 2 : 0;
    if (unitAt > 0) {
      this.#timed(value, unitOf(this.#token(unitAt)) ?? "hour");
      this.#at += unitAt;
      return true;
    }
    if (next === ":" && !this.#isOver(2)) return this.#clock(value);
    if (next === "-" || next === "/" || next === ".") return this.#separated(token, next);
    if (this.#isOver(1) || isFiller(next)) {
      const half = halfOf(this.#token(2));
      if (half !== undefined) {
        this.#found.hour = inHalf(value, half);
        this.#at += 2;
        return true;
      }
      this.#add(token);
      if (next !== "") this.#at += 1;
      return true;
    }
    const half = halfOf(next);
    if (half !== undefined && value < 24) {
      this.#found.hour = inHalf(value, half);
      this.#at += 1;
      return true;
    }
    if (value < 1 || value > 31 || this.#places.day !== undefined) return false;
    this.#add(token);
    return true;
  }

  #six(token: string): boolean {
    const parts = [token.slice(0, 2), token.slice(2, 4), token.slice(4)] as const;
    if (this.#numbers.length === 0 && !token.includes(".")) {
      for (const part of parts) this.#add(part);
      return true;
    }
    this.#found.hour = Number(parts[0]);
    this.#found.minute = Number(parts[1]);
    this.#seconds(parts[2]);
    return true;
  }

  #seconds(token: string): void {
    const [whole = "", fraction = ""] = token.split(".");
    this.#found.second = Number(whole);
    this.#found.micro = Number(fraction.padEnd(6, "0").slice(0, 6));
  }

  #timed(value: number, unit: "hour" | "minute" | "second"): void {
    const rest = value % 1;
    if (unit === "second") return this.#seconds(String(value));
    this.#found[unit] = Math.floor(value);
    if (rest > 0) this.#found[unit === "hour" ? "minute" : "second"] = Math.floor(60 * rest);
  }

  #clock(value: number): boolean {
    this.#found.hour = Math.floor(value);
    const minutes = this.#token(2);
    if (!/^\d/.test(minutes)) return false;
    this.#timed(Number(minutes), "minute");
    this.#at += 2;
    if (this.#token(1) === ":" && !this.#isOver(2)) {
      if (!/^\d/.test(this.#token(2))) return false;
      this.#seconds(this.#token(2));
      this.#at += 2;
    }
    return true;
  }

  /** `2026-03-01`, `01/Mar/2026`. */
  #separated(token: string, separator: string): boolean {
    this.#add(token);
    const second = this.#token(2);
    if (second === "" || isFiller(second)) {
      this.#at += 1;
      return true;
    }
    if (!this.#addNamed(second)) return false;
    if (this.#token(3) === separator) {
      if (!this.#addNamed(this.#token(4))) return false;
      this.#at += 2;
    }
    this.#at += 2;
    return true;
  }

  #addNamed(token: string): boolean {
    const month = monthOf(token);
    if (month !== undefined) this.#add(String(month), "month");
    else if (/^\d+$/.test(token)) this.#add(token);
    else return false;
    return true;
  }

  #word(token: string): boolean {
    const weekday = weekdayOf(token);
    if (weekday !== undefined) {
      this.#found.weekday = weekday;
      return true;
    }
    const month = monthOf(token);
    if (month !== undefined) return this.#month(month);
    const half = halfOf(token);
    if (half !== undefined) {
      const { hour } = this.#found;
      if (hour === undefined || hour > 12) return false;
      this.#found.hour = inHalf(hour, half);
      return true;
    }
    const { hour, zone } = this.#found;
    if (hour !== undefined && zone === undefined && this.#found.offset === undefined && (/^[A-Z]{1,5}$/.test(token) || token === "z")) {
      this.#found.zone = token;
      if (isUtc(token)) this.#found.offset = 0;
      // "GMT+3" means that there it is three hours later than in Greenwich, which Posix would write the other way round.
      if (/^[+-]$/.test(this.#token(1)) && isUtc(token)) this.#found.offset = undefined;
      return true;
    }
    if (hour !== undefined && (token === "+" || token === "-")) return this.#shift(token === "+" ? 1 : -1);
    return isFiller(token) || ((token === "(" || token === ")") && this.#found.offset !== undefined);
  }

  #month(month: number): boolean {
    this.#add(String(month), "month");
    const separator = this.#token(1);
    if ((separator === "-" || separator === "/") && /^\d+$/.test(this.#token(2))) {
      this.#add(this.#token(2));
      if (this.#token(3) === separator) {
        this.#add(this.#token(4));
        this.#at += 2;
      }
      this.#at += 2;
    }
    return true;
  }

  #shift(sign: number): boolean {
    const digits = this.#token(1);
    let seconds: number;
    if (/^\d{4}$/.test(digits)) seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
    else if (/^\d{1,2}$/.test(digits) && this.#token(2) === ":" && /^\d+$/.test(this.#token(3))) {
      seconds = Number(digits) * 3600 + Number(this.#token(3)) * 60;
      this.#at += 2;
    } else if (/^\d{1,2}$/.test(digits)) seconds = Number(digits) * 3600;
    else return false;
    this.#found.offset = sign * seconds;
    this.#at += 1;
    return true;
  }

  #add(token: string, as?: "year" | "month"): void {
    const value = Number(token);
    const index = this.#numbers.push(value) - 1;
    if (as === "month") this.#places.month = index;
    else if (as === "year" || value > 100 || (/^\d+$/.test(token) && token.length > 2)) {
      this.#century = true;
      this.#places.year = index;
    }
  }

  /** Which number is what. */
  #resolve(): boolean {
    const numbers = this.#numbers;
    if (numbers.length > 3) return false;
    const order = orderOf(numbers, this.#places);
    order.forEach((part, index) => (this.#found[part] = numbers[index]));
    return true;
  }

  #fullYear(year: number): number {
    if (year >= 100 || this.#century) return year;
    const full = year + this.#thisYear - (this.#thisYear % 100);
    if (full >= this.#thisYear + 50) return full - 100;
    return full < this.#thisYear - 50 ? full + 100 : full;
  }
}

const dayMicros = 86_400_000_000n;

function assembled(found: Found, { text, now }: { text: string; now: DateTime }): DateTime {
  const fault = (what: string) => new Fault("ParserError", `${what}: ${text}`);
  const today = new Date(Number(now.micros / 1000n));
  const { year = today.getUTCFullYear(), month = today.getUTCMonth() + 1 } = found;
  if (year < 1 || year > 9999) throw fault(`year ${year} is out of range`);
  if (month < 1 || month > 12) throw fault("month must be in 1..12");
  const first = new Date(0);
  first.setUTCFullYear(year, month, 0);
  const last = first.getUTCDate();
  const day = found.day ?? Math.min(today.getUTCDate(), last);
  if (day < 1 || day > last) throw fault("day is out of range for month");
  const { hour = 0, minute = 0, second = 0, micro = 0 } = found;
  if (hour > 23) throw fault("hour must be in 0..23");
  if (minute > 59) throw fault("minute must be in 0..59");
  if (second > 59) throw fault("second must be in 0..59");
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  let micros = BigInt(date.getTime()) * 1000n;
  if (found.weekday !== undefined && found.day === undefined) {
    micros += BigInt((found.weekday - ((date.getUTCDay() + 6) % 7) + 7) % 7) * dayMicros;
  }
  return new DateTime(micros + BigInt((hour * 60 + minute) * 60 + second) * 1_000_000n + BigInt(micro), found.offset);
}

function yearOf(at: DateTime): number {
  return new Date(Number(at.micros / 1000n)).getUTCFullYear();
}
