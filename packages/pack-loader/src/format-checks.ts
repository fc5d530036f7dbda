import type { AliasDefinition, PackVersion } from "@bellhop/contracts";
import {
  aliasIndex,
  chatCommand,
  emptyCatalog,
  exampleOf,
  extract,
  mayFit,
  withPack,
  type AliasIndex,
  type Candidate,
} from "@bellhop/core";
import { complaint, type Located } from "./located.ts";
import type { PackProblem } from "./problem.ts";

/** What keeps commands from doing what a format promises: it is no expression, another alias's format fits the same command, or punctuation in it is not what it
 *  looks like. Formats go through the very compiler that the engine uses. */
export function formatFaults(aliases: readonly Located<AliasDefinition>[], version: PackVersion): PackProblem[] {
  const catalog = withPack(emptyCatalog, version);
  const located = (definition: AliasDefinition) =>
    aliases.find((one) => one.definition.ref === definition.ref && one.file === definition.source.file);
  const at = (definition: AliasDefinition, format: string, message: string, hint: string): PackProblem => {
    const alias = located(definition);
    const index = definition.formats.findIndex(({ representation }) => representation.includes(format));
    if (alias === undefined) return { ...definition.source, message, hint };
    return complaint(alias, ["formats", Math.max(0, index)], { message, hint, needle: format });
  };
  const unread = catalog.faults.flatMap((fault) => {
    const definition = version.aliases.find(({ ref, source }) => ref === fault.alias && source.file === fault.source.file);
    if (definition === undefined) return [];
    return [at(definition, fault.format, `The format ${JSON.stringify(fault.format)} can't be used: ${fault.why}.`, "")];
  });
  const index = aliasIndex(catalog.aliases);
  const others = catalog.aliases.flatMap((alias) =>
    alias.formats.flatMap((format) => {
      const { definition } = alias;
      const rival = rivalOf({ alias, format }, index);
      const found = rival === undefined ? [] : [at(definition, format.text, rival.message, rival.hint)];
      const mark = livePunctuation(format.text);
      if (mark !== undefined) found.push(at(definition, format.text, mark.message, mark.hint));
      return found;
    }),
  );
  return [...unread, ...others];
}

/** Formats of other aliases that a command is tried on: the most specific ones, as the engine asks them. */
const triedAtMost = 200;

/** Another alias of the pack that a command of this format fits. */
function rivalOf({ alias, format }: Candidate, index: AliasIndex): { message: string; hint: string } | undefined {
  if (format.multiple) return undefined;
  const example = exampleOf(format.text);
  const command = example === undefined ? undefined : chatCommand(example);
  if (command === undefined || extract(format, command).length === 0) return undefined;
  const rival = index
    .candidates(command.lower)
    .slice(0, triedAtMost)
    .find((one) => one.alias !== alias && !one.format.multiple && mayFit(one.format, command) && extract(one.format, command).length > 0);
  if (rival === undefined) return undefined;
  const message = `"${example}" fits ${JSON.stringify(format.text)}, and ${JSON.stringify(rival.format.text)} of ${rival.alias.definition.ref} as well.`;
  const [own, its] = [format.facts, rival.format.facts];
  const tie = own.literals === its.literals && own.optional === its.optional;
  // Here the more specific one answers. An alias in TypeScript is never StackStorm's to choose.
  if (!tie && /\.[cm]?ts$/.test(alias.definition.source.file)) return undefined;
  const winner = own.literals > its.literals || (own.literals === its.literals && own.optional < its.optional) ? alias : rival.alias;
  const hint = tie
    ? "Who says it is asked which one is meant: give one of them words of its own."
    : `Here ${winner.definition.ref} answers, since it is more specific; StackStorm refuses such a command.`;
  return { message, hint };
}

/** A format is a regular expression, whatever it looks like: of prose its author rarely knows. */
function livePunctuation(format: string): { message: string; hint: string } | undefined {
  const prose = format.replaceAll(/\{\{.*?\}\}/gs, "x");
  if (/[\\()[\]|*+^${}]/.test(prose)) return undefined;
  if (/\S\?(?=\s|$)/.test(prose)) {
    const message = `The "?" in ${JSON.stringify(format)} makes what stands before it optional: it is no question mark.`;
    return { message, hint: "Write \\? where a question mark is meant." };
  }
  if (/\w\.(?=\w|\s|$)/.test(prose)) {
    const message = `The "." in ${JSON.stringify(format)} stands for any character.`;
    return { message, hint: "Write \\. where a full stop is meant." };
  }
  return undefined;
}
