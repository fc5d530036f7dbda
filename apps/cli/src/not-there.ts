import { nearest } from "@bellhop/core";
import { NotThere } from "./report.ts";

/** What to say where something that was named is not there: with the nearest of what is, and the command that lists it.
 *  @param at.told the whole sentence, where "There is no KIND NAME." is not the one */
export function notThere(at: { kind: string; name: string; known: readonly string[]; listedBy: string; told?: string }): NotThere {
  const { kind, name, known, listedBy, told = `There is no ${kind} ${name}.` } = at;
  const near = nearest(name, known);
  return new NotThere(near === undefined ? told : `${told} Did you mean ${near}?`, { hint: `\`bellhop ${listedBy}\` lists them.` });
}
