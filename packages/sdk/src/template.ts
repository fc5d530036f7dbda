// Types alone: what the words of an alias may ask for, and what is said, by the compiler, about a word that asks for something else. A
// message is a type, since what a template is compared with is all that a compiler shows.

/** What a person may type for a parameter: the name in `{{ name }}`, `{{ name = default }}` or `(?P<name>…)`. */
export type FormatFault<Text extends string, Names extends string> =
  Exclude<FormatNames<Text>, Names> extends infer Name extends string
    ? [Name] extends [never]
      ? never
      : `{{ ${Name} }} is no input of the action; there are: ${Listed<Names>}`
    : never;

/** A path of a template that leads nowhere in what it sees. Where a type is not known, every path leads somewhere. */
export type TemplateFault<Text extends string, Seen> =
  Placeholders<Text> extends infer Path ? (Path extends string ? PathFault<Path, Seen> : never) : never;

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

type PathFault<Path extends string, Seen> = Path extends `${string}${"|" | "("}${string}`
  ? `{{ ${Path} }} is more than a template here can do: it knows paths only, such as {{ result.url }}`
  : Walk<Seen, Steps<Path>, "">;

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
  ? Step extends "length"
    ? number
    : Step extends `${number}`
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
    ? `${Here} is a list: say which of it, as in ${Here}[0]`
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
