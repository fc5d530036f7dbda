import { readFileSync } from "node:fs";
import { validate } from "dockerfile-utils";
import { containerFile, instructionsOf } from "./files.ts";
import { outcomeOf, type Outcome } from "./outcome.ts";

export function checkContainerFile(): Outcome {
  const text = readFileSync(containerFile, "utf8");
  return outcomeOf(faultsOf(text), `${text.split("\n").length - 1} lines, nothing to complain about`);
}

/** What the linter says, and what it does not look at. */
export function faultsOf(text: string): string[] {
  const linted = validate(text).map(
    ({ message, range }) => `line ${range.start.line + 1}: ${typeof message === "string" ? message : message.value}`,
  );
  const instructions = instructionsOf(text);
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
  const faults: string[] = [];
  const user = last.findLast(({ name }) => name === "USER")?.rest;
  if (user === undefined || !/^[1-9]\d*:[1-9]\d*$/.test(user))
    faults.push(`it runs as ${user ?? "root"}; a number says for sure that it is not root`);
  if (!last.some(({ name }) => name === "HEALTHCHECK")) faults.push("there is no HEALTHCHECK");
  for (const { name, rest } of instructions) {
    if ((name === "ARG" || name === "ENV") && /(token|password|secret|seed)\w*=/i.test(rest))
      faults.push(`${name} ${rest}: a secret stays in the image for ever`);
    if (name === "ADD") faults.push(`ADD ${rest}: COPY does what it says and no more`);
    if (name === "FROM" && !/[:@$]/.test(rest) && !/^\S+$/.test(rest)) faults.push(`FROM ${rest}: name a version`);
  }
  return [...linted, ...faults];
}
