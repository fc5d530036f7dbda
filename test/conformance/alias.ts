import { compileFormat, extract, extractEach, type AliasParameters } from "@bellhop/core";
import { z } from "zod";
import type { Case } from "./kinds.ts";

const Format = z.union([
  z.string(),
  z.object({
    display: z.string().nullish(),
    representation: z.union([z.string(), z.array(z.string())]).nullish(),
    match_multiple: z.boolean().nullish(),
  }),
]);
type Format = z.infer<typeof Format>;

const Alias = z.object({
  name: z.string(),
  pack: z.string(),
  enabled: z.boolean().default(true),
  formats: z.array(Format).default([]),
  immutable_parameters: z.record(z.string(), z.unknown()).nullish(),
});
type Alias = z.infer<typeof Alias>;

const Extract = z.object({ format: z.string(), text: z.string(), match_multiple: z.boolean().default(false) });
const Match = z.object({ aliases: z.array(Alias), command: z.string() });

/** StackStorm's own grammar: `strict`. */
export function answer(given: Case): unknown {
  switch (given.kind) {
    case "alias_extract": {
      const { format, text, match_multiple: multiple } = Extract.parse(given);
      const params = parametersOf({ representation: format, multiple }, text);
      if (params === undefined)
        return { match: false, error: "ParseException", message: `Command "${text}" doesn't match format string "${format}"` };
      return { match: true, params: multiple ? params : params[0] };
    }
    case "alias_match": {
      const { aliases, command } = Match.parse(given);
      return matched(aliases, command);
    }
    case "alias_patterns":
      return { patterns: z.array(Alias).parse(given["aliases"]).flatMap(patternsOf).map(shown) };
    default:
      throw new Error(`no such kind of case: ${given.kind}`);
  }
}

interface Pattern {
  readonly alias: Alias;
  readonly format: Format;
  readonly display: string | null;
  readonly representation: string;
  readonly multiple: boolean;
  /** A format that is only shown. */
  readonly bare: boolean;
}

function patternsOf(alias: Alias): Pattern[] {
  return alias.formats.flatMap((format): Pattern[] => {
    if (typeof format === "string") return [{ alias, format, display: format, representation: format, multiple: false, bare: false }];
    const display = format.display ?? null;
    const representations = typeof format.representation === "string" ? [format.representation] : (format.representation ?? []);
    const multiple = format.match_multiple === true;
    if (representations.length === 0) return [{ alias, format, display, representation: "", multiple, bare: true }];
    return representations.map((representation) => ({ alias, format, display, representation, multiple, bare: false }));
  });
}

function shown({ alias, format, display, representation, multiple, bare }: Pattern): unknown {
  const about = { alias: `${alias.pack}.${alias.name}`, format, display, representation };
  return bare ? about : { ...about, match_multiple: multiple };
}

/** First the aliases with a format that is found once; only where none of them fits, those with one that is found many times. */
function matched(all: readonly Alias[], command: string): unknown {
  const enabled = all.filter((alias) => alias.enabled);
  const isMultiple = (format: Format) => typeof format !== "string" && format.match_multiple === true;
  const found = [
    enabled.filter(({ formats }) => formats.some((format) => !isMultiple(format))),
    enabled.filter(({ formats }) => formats.some(isMultiple)),
  ];
  for (const aliases of found) {
    const hits = aliases.flatMap(patternsOf).flatMap((pattern) => {
      const params = parametersOf(pattern, command);
      return params === undefined ? [] : [{ pattern, params }];
    });
    const [hit] = hits;
    if (hit === undefined) continue;
    if (hits.length > 1)
      return ambiguous(
        command,
        "more than 1 pattern",
        hits.map(({ pattern }) => pattern),
      );
    return executed(hit);
  }
  return ambiguous(command, "no patterns", []);
}

function ambiguous(command: string, what: string, patterns: readonly Pattern[]): unknown {
  const matches = patterns.map(({ alias, representation }) => ({ alias: `${alias.pack}.${alias.name}`, representation }));
  return { match: false, error: "ActionAliasAmbiguityException", message: `Command '${command}' matched ${what}`, matches };
}

function executed({ pattern, params }: { pattern: Pattern; params: readonly AliasParameters[] }): unknown {
  const immutable = Object.entries(pattern.alias.immutable_parameters ?? {});
  const overridden = immutable.map(([name]) => name).filter((name) => params.some((one) => name in one));
  const alias = `${pattern.alias.pack}.${pattern.alias.name}`;
  if (overridden.length > 0) {
    return {
      match: false,
      matched_alias: alias,
      error: "ValueError",
      message: `Immutable arguments cannot be overriden: ${overridden.join(",")}`,
    };
  }
  const fixed = Object.fromEntries(immutable.map(([name, value]) => [name, typeof value === "string" ? rendered(value) : value]));
  return { match: true, ...(shown(pattern) as object), alias, params: params.map((one) => ({ ...one, ...fixed })) };
}

/** Who the tables say asks, and where. */
const context: Readonly<Record<string, string>> = { user: "stanley", api_user: "u", source_channel: "c" };

function rendered(template: string): string {
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => context[name] ?? "");
}

/** Undefined where the format does not fit; one set of parameters, or with `multiple` as many as it is found times. */
function parametersOf(
  { representation, multiple }: Pick<Pattern, "representation" | "multiple">,
  command: string,
): AliasParameters[] | undefined {
  const compiled = compileFormat(representation);
  if (compiled.kind === "fault") return undefined;
  if (multiple) return extractEach(compiled.format, command);
  const params = extract(compiled.format, command, "strict");
  return params === undefined ? undefined : [params];
}
