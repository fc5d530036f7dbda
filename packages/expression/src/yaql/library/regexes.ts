import { Fault } from "../../error.ts";
import type { Regex } from "../../regex/regex.ts";
import { expand, findAll, type Found, regexOf, search, splitBy, substitute, test } from "../../regex/use.ts";
import { Dict, List } from "../../value/kinds.ts";
import { placeOf } from "../../value/points.ts";
import { Scope } from "../scope.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { Lazy, Pattern } from "../values.ts";

export const regexes: Table = {
  "regex(pattern:text, ignoreCase:bool?=false, multiLine:bool?=false, dotAll:bool?=false)": (
    _call: Call,
    pattern: string,
    ignoreCase: boolean,
    multiLine: boolean,
    dotAll: boolean,
  ) => new Pattern(regexOf(pattern, { ignoreCase, multiline: multiLine, dotAll })),
  "method matches(regexp:regex, string:text)": ({ budget }: Call, { regex }: Pattern, string: string) => test(regex, string, { budget }),
  "method matches(string:text, regexp:text)": ({ budget }: Call, string: string, pattern: string) =>
    test(regexOf(pattern), string, { budget }),
  "method search(regexp:regex, string:text, selector:lambda=)": (
    call: Call,
    { regex }: Pattern,
    string: string,
    selector: Lambda | undefined,
  ) => {
    const found = search(regex, string, { budget: call.budget });
    if (found === undefined) return null;
    return selector === undefined ? string.slice(found.start, found.end) : selected(call, string, found, selector);
  },
  "method searchAll(regexp:regex, string:text, selector:lambda=)": (
    call: Call,
    { regex }: Pattern,
    string: string,
    selector: Lambda | undefined,
  ) =>
    new Lazy(
      (function* () {
        for (const found of findAll(regex, string, call.budget)) {
          yield selector === undefined ? string.slice(found.start, found.end) : selected(call, string, found, selector);
        }
      })(),
    ),
  "method split(regexp:regex, string:text, maxSplit:int=0)": ({ budget }: Call, { regex }: Pattern, string: string, most: number) =>
    List.from(splitBy(regex, string, { most: Number(most), budget })),
  "method split(string:text, regexp:regex, maxSplit:int=0)": ({ budget }: Call, string: string, { regex }: Pattern, most: number) =>
    List.from(splitBy(regex, string, { most: Number(most), budget })),
  "method replace(regexp:regex, string:text, repl:text, count:int=0)": (
    call: Call,
    { regex }: Pattern,
    string: string,
    by: string,
    most: number,
  ) => replaced(call, regex, string, { by, most: Number(most) }),
  "method replace(string:text, regexp:regex, repl:text, count:int=0)": (
    call: Call,
    string: string,
    { regex }: Pattern,
    by: string,
    most: number,
  ) => replaced(call, regex, string, { by, most: Number(most) }),
  "method replaceBy(regexp:regex, string:text, repl:lambda, count:int=0)": (
    call: Call,
    { regex }: Pattern,
    string: string,
    by: Lambda,
    most: number,
  ) => replacedBy(call, regex, string, { by, most: Number(most) }),
  "method replaceBy(string:text, regexp:regex, repl:lambda, count:int=0)": (
    call: Call,
    string: string,
    { regex }: Pattern,
    by: Lambda,
    most: number,
  ) => replacedBy(call, regex, string, { by, most: Number(most) }),
  "escapeRegex(string:text)": (_call: Call, string: string) => escapeRegex(string),
  "isRegex(value:any?)": (_call: Call, value: unknown) => value instanceof Pattern,
};

/** Python's `re.escape`. */
function escapeRegex(text: string): string {
  return text.replaceAll(/[-()[\]{}?*+|^$\\.&~#\s]/g, "\\$&");
}

function replaced({ budget }: Call, regex: Regex, text: string, { by, most }: { by: string; most: number }): string {
  return substitute(regex, text, { by: (found) => expand(by, found), most, budget });
}

function replacedBy(call: Call, regex: Regex, text: string, { by, most }: { by: Lambda; most: number }): string {
  return substitute(regex, text, {
    by: (found) => {
      const value = selected(call, text, found, by);
      if (typeof value !== "string") throw new Fault("TypeError", "expected str instance");
      return value;
    },
    most,
    budget: call.budget,
  });
}

/** `$` is the whole match, `$2` its first group, `$name` a named one. */
function selected(call: Call, text: string, found: Found, selector: Lambda): unknown {
  const scope = new Scope(call.scope);
  for (const [place, group] of found.groups.entries()) scope.set(String(place + 1), record(text, group, found.spans[place]));
  if (found.names.size > 0) throw new Fault("ValueError", "too many values to unpack (expected 2)");
  return call.within(scope, selector);
}

function record(text: string, group: string | undefined, [start, end]: readonly [number, number] = [-1, -1]): Dict {
  return new Dict([
    ["value", group ?? null],
    ["start", placeOf(text, start)],
    ["end", placeOf(text, end)],
  ]);
}
