import { hash } from "./token.ts";

/** The account of a prompt on the platform `terminal`. Its name says who reads there: a person who types, or a program that waits for the answers to its
 *  own lines and wants nothing else; and whose it is.
 *  @param at.id letters and digits, of this prompt alone
 *  @param at.person the id of whoever opened it */
export function promptAccount(reader: "person" | "program", { id, person }: { id: string; person: string }): string {
  return `${reader === "person" ? persons : programs}${markOf(person)}-${id}`;
}

/** Whether a person reads what is said there. */
export function isReadByPerson(account: string): boolean {
  return account.startsWith(persons);
}

/** Whether a person reads what is said there, and this one. */
export function isPromptOf(account: string, person: string): boolean {
  return account.startsWith(`${persons}${markOf(person)}-`);
}

const persons = "p-";
const programs = "s-";

/** Accounts are parts of subjects: what people are called need not be fit for that. */
function markOf(person: string): string {
  return hash(`prompt of ${person}`).slice(0, 12);
}
