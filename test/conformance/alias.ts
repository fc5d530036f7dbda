import { extractEach, extractStrict, fixedParameters, matchStrict, strictFormat, strictPatterns, type StrictPattern } from "@bellhop/core";
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
    case "alias_extract":
      return extracted(Extract.parse(given));
    case "alias_match":
      return matched(Match.parse(given));
    case "alias_patterns":
      return { patterns: z.array(Alias).parse(given["aliases"]).map(callable).flatMap(strictPatterns).map(shown) };
    default:
      throw new Error(`no such kind of case: ${given.kind}`);
  }
}

function extracted({ format, text, match_multiple: multiple }: z.infer<typeof Extract>): unknown {
  const compiled = strictFormat(format);
  if (compiled.kind === "fault") return { match: false, error: "error", message: compiled.why };
  const params = multiple ? extractEach(compiled.format, text) : extractStrict(compiled.format, text);
  if (params !== undefined) return { match: true, params };
  return { match: false, error: "ParseException", message: `Command "${text}" doesn't match format string "${format}"` };
}

function matched({ aliases, command }: z.infer<typeof Match>): unknown {
  const match = matchStrict(aliases.map(callable), command);
  switch (match.kind) {
    case "none":
      return { match: false, error: "ActionAliasAmbiguityException", message: `Command '${command}' matched no patterns`, matches: [] };
    case "ambiguous": {
      const matches = match.patterns.map(({ alias, representation }) => ({ alias: alias.ref, representation: representation ?? "" }));
      return { match: false, error: "ActionAliasAmbiguityException", message: `Command '${command}' matched more than 1 pattern`, matches };
    }
    case "shown":
      return { match: false, error: "KeyError", message: "the format is only shown" };
    case "matched": {
      const { alias } = match.pattern;
      const given = match.params.map((params) => fixedParameters({ fixed: alias.immutableParameters, given: params, names: context }));
      const taken = given.find((one) => one.kind === "taken");
      if (taken !== undefined)
        return { match: false, error: "ValueError", message: `Immutable arguments cannot be overriden: ${taken.name}` };
      return { match: true, ...shown(match.pattern), params: given.flatMap((one) => (one.kind === "ok" ? [one.input] : [])) };
    }
  }
}

type Callable = ReturnType<typeof callable>;

/** A case's alias as definitions are, with what it said itself beside each format. */
function callable(alias: Alias) {
  return {
    ref: `${alias.pack}.${alias.name}`,
    enabled: alias.enabled,
    immutableParameters: alias.immutable_parameters ?? {},
    formats: alias.formats.map((given) => {
      if (typeof given === "string") return { given, display: given, representation: [given], matchMultiple: false };
      const representation = typeof given.representation === "string" ? [given.representation] : (given.representation ?? []);
      return { given, display: given.display ?? undefined, representation, matchMultiple: given.match_multiple === true };
    }),
  };
}

function shown({ alias, format, representation }: StrictPattern<Callable>) {
  const about = { alias: alias.ref, format: format.given, display: format.display ?? null, representation: representation ?? "" };
  return representation === undefined ? about : { ...about, match_multiple: format.matchMultiple };
}

/** Who the tables say asks, and where. */
const context: Readonly<Record<string, unknown>> = { user: "stanley", api_user: "u", source_channel: "c" };
