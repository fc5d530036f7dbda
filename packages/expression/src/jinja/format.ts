import { Fault } from "../error.ts";
import { isInt } from "../number.ts";
import { plain, round } from "../value/arithmetic.ts";
import { getKey, isMapping, isSequence } from "../value/kinds.ts";
import { Arguments, classOf, type Evaluation, Undefined } from "./objects.ts";
import { isTuple, numberOf, represent, textOf } from "./operations.ts";

/** Python's `text % values`. */
export function percentFormat(text: string, values: unknown, evaluation: Evaluation): string {
  const list: readonly unknown[] = isTuple(values) ? values : [values];
  const mapping = isMapping(values) ? values : undefined;
  let used = 0;
  const take = (): unknown => {
    if (used >= list.length) throw new Fault("TypeError", "not enough arguments for format string");
    used += 1;
    return list[used - 1];
  };
  let named = false;
  const made = text.replace(
    /%(?:\(([^()]*)\))?([#0\- +]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?([^])?/g,
    (all: string, key?: string, flags = "", width?: string, precision?: string, type?: string) => {
      if (type === undefined) throw new Fault("ValueError", "incomplete format");
      if (type === "%") return "%";
      const wide = width === "*" ? Number(take()) : Number(width ?? 0);
      const precise =
        precision === "*" ? Number(take()) : precision === undefined ? (all.includes(".") ? 0 : undefined) : Number(precision);
      const value = key === undefined ? take() : valueOf(mapping, key);
      if (key !== undefined) named = true;
      evaluation.budget.size(wide + (precise ?? 0));
      const spec = {
        fill: flags.includes("0") && !flags.includes("-") && !"srac".includes(type) ? "0" : " ",
        align: flags.includes("-") ? "<" : flags.includes("0") && !"srac".includes(type) ? "=" : ">",
        sign: flags.includes("+") ? "+" : flags.includes(" ") ? " " : "-",
        alternate: flags.includes("#"),
        width: wide,
        grouping: "",
        precision: precise,
        type,
      };
      return padded(percentOne(value, spec, evaluation), spec);
    },
  );
  if (!named && used < list.length && mapping === undefined && (isTuple(values) || !isSequence(values)))
    throw new Fault("TypeError", "not all arguments converted during string formatting");
  evaluation.budget.size(made.length);
  return made;
}

function valueOf(mapping: ReturnType<typeof asMapping>, key: string): unknown {
  if (mapping === undefined) throw new Fault("TypeError", "format requires a mapping");
  const value = getKey(mapping, key);
  if (value === undefined) throw new Fault("KeyError", `'${key}'`);
  return value;
}

function asMapping(value: unknown) {
  return isMapping(value) ? value : undefined;
}

interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

function percentOne(value: unknown, spec: Spec, evaluation: Evaluation): string {
  const { type } = spec;
  if (type === "s" || type === "r" || type === "a") {
    const text = type === "s" ? textOf(value, evaluation) : represent(value, evaluation);
    return spec.precision === undefined ? text : Array.from(text).slice(0, spec.precision).join("");
  }
  if (type === "c") return characterOf(value, "%c requires int or char");
  if ("diuoxX".includes(type)) {
    const number = numberOf(value);
    const whole = type === "o" || type === "x" || type === "X";
    if (number === undefined || (whole && !isInt(number)))
      throw new Fault(
        "TypeError",
        `%${type} format: ${whole ? "an integer is required" : "a real number is required"}, not ${classOf(value)}`,
      );
    const int = isInt(number) ? BigInt(number) : BigInt(Math.trunc(plain(number)));
    const text = wholeText(int, { ...spec, type: "iu".includes(type) ? "d" : type });
    const digits = text.replace(/^[-+ ]/, "");
    return spec.precision === undefined ? text : text.slice(0, text.length - digits.length) + digits.padStart(spec.precision, "0");
  }
  if ("eEfFgG".includes(type)) {
    const number = numberOf(value);
    if (number === undefined) throw new Fault("TypeError", `must be real number, not ${classOf(value)}`);
    return fractionText(plain(number), { ...spec, precision: spec.precision ?? 6 });
  }
  throw new Fault("ValueError", `unsupported format character '${type}' (0x${(type.codePointAt(0) ?? 0).toString(16)})`);
}

function characterOf(value: unknown, complaint: string): string {
  if (typeof value === "string" && Array.from(value).length === 1) return value;
  const number = numberOf(value);
  if (number === undefined || !isInt(number)) throw new Fault("TypeError", complaint);
  if (number < 0 || number > 0x10ffff) throw new Fault("OverflowError", "%c arg not in range(0x110000)");
  return String.fromCodePoint(Number(number));
}

/** Python's `text.format(…)`. `read` finds an attribute or an element, as the template would. */
export function braceFormat(
  text: string,
  given: Arguments,
  { evaluation, read }: { evaluation: Evaluation; read: (value: unknown, part: { name: string; attribute: boolean }) => unknown },
): string {
  let next = 0;
  const field = (name: string): unknown => {
    const first = /^[^.[]*/.exec(name)?.[0] ?? "";
    const key = first === "" ? String(next++) : first;
    let value: unknown;
    if (/^\d+$/.test(key)) {
      if (Number(key) >= given.list.length)
        throw new Fault("IndexError", `Replacement index ${key} out of range for positional args tuple`);
      value = given.list[Number(key)];
    } else {
      if (!given.named.has(key)) throw new Fault("KeyError", `'${key}'`);
      value = given.named.get(key);
    }
    for (const part of name.slice(first.length).matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
      value = read(value, { name: part[1] ?? part[2] ?? "", attribute: part[1] !== undefined });
    }
    return value;
  };
  const filled = (source: string, depth: number): string => {
    if (depth > 2) throw new Fault("ValueError", "Max string recursion exceeded");
    let made = "";
    let at = 0;
    while (at < source.length) {
      const character = source[at] ?? "";
      if ((character === "{" || character === "}") && source[at + 1] === character) {
        made += character;
        at += 2;
      } else if (character === "}") throw new Fault("ValueError", "Single '}' encountered in format string");
      else if (character === "{") {
        const end = closingOf(source, at);
        const [, name = "", conversion, spec = ""] = /^([^!:]*)(?:!([^:]*))?(?::([^]*))?$/.exec(source.slice(at + 1, end)) ?? [];
        const value = field(name);
        made += formatted(converted(value, conversion, evaluation), spec === "" ? "" : filled(spec, depth + 1), evaluation);
        at = end + 1;
      } else {
        made += character;
        at += 1;
      }
      evaluation.budget.grow(made.length, 0);
    }
    return made;
  };
  return filled(text, 1);
}

function closingOf(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === "{") depth += 1;
    else if (source[at] === "}") depth -= 1;
    if (depth === 0) return at;
  }
  throw new Fault(
    "ValueError",
    from === source.length - 1 ? "Single '{' encountered in format string" : "expected '}' before end of string",
  );
}

function converted(value: unknown, conversion: string | undefined, evaluation: Evaluation): unknown {
  if (conversion === undefined) return value;
  if (conversion === "s") return textOf(value, evaluation);
  if (conversion === "r" || conversion === "a") return represent(value, evaluation);
  throw new Fault("ValueError", `Unknown conversion specifier '${conversion}'`);
}

/** Python's `format(value, spec)`. */
export function formatted(value: unknown, spec: string, evaluation: Evaluation): string {
  if (value instanceof Undefined) value.touch();
  const number = typeof value === "boolean" && spec === "" ? undefined : numberOf(value);
  if (spec === "") return textOf(value, evaluation);
  const [, fill, align, sign = "-", alternate, zero, width = "0", grouping = "", precision, type = "", rest] =
    /^(?:([^])?([<>=^]))?([-+ ])?z?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?([^]*)$/u.exec(spec) ?? [];
  if (rest !== "") throw new Fault("ValueError", `Invalid format specifier '${spec}' for object of type '${classOf(value)}'`);
  const own: Spec = {
    fill: fill ?? (zero === undefined ? " " : "0"),
    align: align ?? (zero !== undefined && number !== undefined ? "=" : number === undefined ? "<" : ">"),
    sign,
    alternate: alternate !== undefined,
    width: Number(width),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
  evaluation.budget.size(own.width + (own.precision ?? 0));
  if (number !== undefined) return padded(numberText(number, own), own);
  if (typeof value !== "string") throw new Fault("TypeError", `unsupported format string passed to ${classOf(value)}.__format__`);
  if (type !== "" && type !== "s") throw new Fault("ValueError", `Unknown format code '${type}' for object of type 'str'`);
  if (own.align === "=") throw new Fault("ValueError", "'=' alignment not allowed in string format specifier");
  return padded(own.precision === undefined ? value : Array.from(value).slice(0, own.precision).join(""), own);
}

function numberText(number: Parameters<typeof plain>[0], spec: Spec): string {
  if (isInt(number) && (spec.type === "" || "bcdoxXn".includes(spec.type))) {
    if (spec.precision !== undefined) throw new Fault("ValueError", "Precision not allowed in integer format specifier");
    if (spec.type === "c") return characterOf(number, "%c arg not in range(0x110000)");
    return wholeText(BigInt(number), spec);
  }
  if (spec.type !== "" && !"eEfFgGn%".includes(spec.type))
    throw new Fault("ValueError", `Unknown format code '${spec.type}' for object of type '${isInt(number) ? "int" : "float"}'`);
  return fractionText(plain(number), spec);
}

function wholeText(value: bigint, { type, sign, alternate, grouping }: Spec): string {
  const base = { b: 2, o: 8, x: 16, X: 16 }[type] ?? 10;
  const digits = (value < 0n ? -value : value).toString(base);
  const size = base === 10 ? 3 : 4;
  const grouped = grouping === "" ? digits : digits.replace(new RegExp(`\\B(?=(?:[0-9a-f]{${size}})+$)`, "g"), grouping);
  const prefix = alternate && base !== 10 ? `0${type.toLowerCase()}` : "";
  const text = signOf(value < 0n, sign) + prefix + grouped;
  return type === "X" ? text.toUpperCase() : text;
}

function fractionText(value: number, { type, sign, precision, grouping, alternate }: Spec): string {
  const negative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  let text: string;
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? "nan" : "inf";
  else if (type === "%") text = `${fixed(size * 100, precision ?? 6)}%`;
  else if (type === "f" || type === "F") text = fixed(size, precision ?? 6);
  else if (type === "e" || type === "E") text = exponential(size, precision ?? 6);
  else if (type === "" && precision === undefined) text = shortest(size);
  else text = general(size, { precision: precision ?? 6, alternate, plain: type === "" });
  if (grouping !== "") text = text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(?:\d{3})+$)/g, grouping));
  if (type === "E" || type === "F" || type === "G") text = text.toUpperCase();
  return signOf(negative && !Number.isNaN(value), sign) + text;
}

function signOf(negative: boolean, sign: string): string {
  return negative ? "-" : sign === "-" ? "" : sign;
}

/** Half to even, where JavaScript's own goes up. */
function fixed(value: number, digits: number): string {
  const rounded = plain(round(value, digits));
  if (rounded >= 1e21) return `${BigInt(rounded)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`;
  const text = rounded.toFixed(Math.min(digits, 100));
  return digits > 100 ? text + "0".repeat(digits - 100) : text;
}

function exponential(value: number, digits: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential(Math.min(digits, 100)).split("e");
  return `${mantissa}e${exponent.startsWith("-") ? "-" : "+"}${exponent.slice(1).padStart(2, "0")}`;
}

function shortest(value: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  const text = power < 0 ? value.toFixed(Math.min(100, mantissa.replace(".", "").length - 1 - power)) : String(value);
  return text.includes(".") ? text : `${text}.0`;
}

function general(value: number, about: { precision: number; alternate: boolean; plain: boolean }): string {
  const digits = Math.min(Math.max(about.precision, 1), 100);
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split("e")[1]);
  const trimmed = (text: string): string => (about.alternate || !text.includes(".") ? text : text.replace(/\.?0+$/, ""));
  if (exponent < -4 || exponent >= (about.plain ? digits - 1 : digits) + (about.plain && value === 0 ? 1 : 0)) {
    const [mantissa = "", power = ""] = exponential(value, digits - 1).split("e");
    return `${trimmed(mantissa)}e${power}`;
  }
  const text = trimmed(fixed(value, Math.max(0, digits - 1 - exponent)));
  return about.plain && !text.includes(".") ? `${text}.0` : text;
}

function padded(text: string, { fill, align, width }: Spec): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  if (align === "<") return text + fill.repeat(missing);
  if (align === "^") return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(Math.ceil(missing / 2));
  if (align === "=") {
    const sign = /^[-+ ]?(?:0[box])?/i.exec(text)?.[0] ?? "";
    return sign + fill.repeat(missing) + text.slice(sign.length);
  }
  return fill.repeat(missing) + text;
}
