// Types alone: what the words of an alias may ask for, and what is said, by the compiler, about a word that asks for something else. A
// message is a type, since what a template is compared with is all that a compiler shows.

/** What a person may type for a parameter: the name in `{{ name }}`, `{{ name = default }}` or `(?P<name>…)`. */
export type FormatFault<Text extends string, Names extends string> =
  Exclude<FormatNames<Text>, Names> extends infer Name extends string
    ? [Name] extends [never]
      ? never
      : `{{ ${Name} }} is no input of the action; there are: ${Listed<Names>}`
    : never;

/** A path of a template that leads nowhere in what it sees. Where a type is not known, every path leads somewhere; what is more than a path and its filters is
 *  Jinja's to judge, when the pack is checked. */
export type TemplateFault<Text extends string, Seen> = Text extends `${string}{${"%" | "#"}${string}`
  ? InnerFault<Placeholders<Text>, Seen, keyof Seen & string>
  : InnerFault<Placeholders<Text>, Seen, string>;

/** @param First what a path may begin with to be looked at: between blocks there are names that the template makes itself */
type InnerFault<Inner, Seen, First extends string> = Inner extends string ? PathFault<Unfiltered<Inner>, Seen, First> : never;

type FormatNames<Text extends string> =
  | (Placeholders<Text> extends infer Inner ? (Inner extends `${infer Name}=${string}` ? Trim<Name> : Inner) : never)
  | Groups<Text>;

// What is found is carried along: a compiler follows such a recursion a thousand steps deep, any other fifty.
type Placeholders<Text extends string, Found = never> = Text extends `${string}{{${infer Inner}}}${infer Rest}`
  ? Placeholders<Rest, Found | Trim<Inner>>
  : Found;
type Groups<Text extends string, Found = never> = Text extends `${string}(?P<${infer Name}>${infer Rest}`
  ? Groups<Rest, Found | Name>
  : Found;

type Blank = " " | "\n" | "\t" | "\r";
type Trim<Text extends string> = Text extends `${Blank}${infer Rest}` | `${infer Rest}${Blank}` ? Trim<Rest> : Text;

/** What stands before a filter; nothing where that takes the place of what is not there. */
type Unfiltered<Inner extends string> = Inner extends `${infer Path}|${infer Filters}`
  ? Trim<Filters> extends `${"default" | "d"}${"" | "(" | " "}${string}`
    ? ""
    : Trim<Path>
  : Inner;

/** Blanks, operators, calls, and a text or number to begin with. */
type MoreThanPath =
  | `${string}${"(" | ")" | " " | "+" | "*" | "/" | "%" | "~" | "=" | "<" | ">" | "," | "{" | ":"}${string}`
  | `${"'" | '"' | "[" | Digit}${string}`;
type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";

type PathFault<Path extends string, Seen, First extends string> = Path extends "" | MoreThanPath
  ? never
  : Steps<Path> extends infer Found extends readonly string[]
    ? Found extends readonly [First, ...string[]]
      ? Walk<Seen, Found, "">
      : never
    : never;

/** `a.b[0]['c']` as a list of its steps. */
type Steps<Path extends string> = Path extends `${infer Before}[${infer Inner}]${infer After}`
  ? [...Dotted<Before>, Unquoted<Inner>, ...Steps<After>]
  : Dotted<Path>;
type Dotted<Path extends string> = Path extends ""
  ? []
  : Path extends `.${infer Rest}`
    ? Dotted<Rest>
    : Path extends `${infer First}.${infer Rest}`
      ? [First, ...Dotted<Rest>]
      : [Path];
type Unquoted<Text extends string> = Text extends `'${infer Name}'` | `"${infer Name}"` ? Name : Text;

type Walk<Value, Path extends readonly string[], Here extends string> = Path extends readonly [
  infer Step extends string,
  ...infer Rest extends readonly string[],
]
  ? unknown extends Value
    ? never
    : [Field<Value, Step>] extends [never]
      ? Missing<Value, Step, Here>
      : Walk<Field<Value, Step>, Rest, Here extends "" ? Step : `${Here}.${Step}`>
  : never;

/** What a step leads to in any of a union's members; never, where it leads nowhere in all of them. */
type Field<Value, Step extends string> = Value extends readonly (infer Item)[]
  ? Step extends `${number}`
    ? Item
    : never
  : Value extends object
    ? Step extends keyof Value
      ? Value[Step]
      : Step extends `${infer Index extends number & keyof Value}`
        ? Value[Index]
        : never
    : never;

type Missing<Value, Step extends string, Here extends string> = Here extends ""
  ? `There is no ${Step} to be shown; there are: ${Listed<FieldNames<Value>>}`
  : [NonNullable<Value>] extends [readonly unknown[]]
    ? Step extends "length"
      ? `${Here} is a list: {{ ${Here} | length }} says how long`
      : `${Here} is a list: say which of it, as in ${Here}[0]`
    : [FieldNames<Value>] extends [never]
      ? `${Here} has no fields`
      : `${Here} has no field ${Step}; there are: ${Listed<FieldNames<Value>>}`;

type FieldNames<Value> = Value extends readonly unknown[] ? never : Value extends object ? `${keyof Value & (string | number)}` : never;

/** The members of a union in one text. Their order is the compiler's. */
type Listed<Names extends string, After extends string = ""> = [Names] extends [never]
  ? After extends ""
    ? "none"
    : After
  : OneOf<Names> extends infer Name extends string
    ? Listed<Exclude<Names, Name>, After extends "" ? Name : `${Name}, ${After}`>
    : never;
/** Any one member: of overloads, the last is inferred from. */
type OneOf<Names> = (Names extends unknown ? (take: () => Names) => void : never) extends (take: infer All) => void
  ? All extends () => infer One
    ? One
    : never
  : never;
