import { text as textOf } from "node:stream/consumers";
import { readJson, writeJson } from "@bellhop/expression";
import { kinds, type Case } from "./kinds.ts";

/** `conformance KIND`: cases as JSON lines on standard input, `{"id", "actual"}` lines on standard output. A case that breaks is one error, not the end. */
const [kind = "", ...rest] = process.argv.slice(2);
const load = kinds[kind];
if (load === undefined || rest.length > 0) {
  process.stderr.write(
    `usage: conformance KIND < CASES\nKIND is one of ${Object.keys(kinds).join(", ")}; cases are JSON lines with id and kind.\n`,
  );
  process.exit(2);
}
const { answer } = await load();
let line = 0;
// Split by line feeds alone: readline takes the separators that a value may have for ends of lines too.
for (const text of (await textOf(process.stdin)).split("\n")) {
  line += 1;
  if (text.trim() === "") continue;
  const given = readCase(text);
  if (given === undefined) {
    process.stderr.write(`line ${line}: no JSON object with an id\n`);
    process.exitCode = 1;
    continue;
  }
  process.stdout.write(`${writeJson({ id: given.id, actual: actualOf(given) })}\n`);
}

function readCase(text: string): Case | undefined {
  try {
    const value = readJson(text);
    return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string" ? (value as Case) : undefined;
  } catch {
    return undefined;
  }
}

function actualOf(given: Case): unknown {
  try {
    return answer(given);
  } catch (error) {
    return { error: error instanceof Error ? error.name : "Error", message: error instanceof Error ? error.message : String(error) };
  }
}
