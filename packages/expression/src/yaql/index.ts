import type { Budget } from "../budget.ts";
import { BoundReached, Fault, Located } from "../error.ts";
import { Machine } from "./interpret.ts";
import { Misread } from "./lex.ts";
import { released } from "./output.ts";
import { parse, type Node } from "./parse.ts";
import { Scope } from "./scope.ts";
import type { Host } from "./signature.ts";

/** What YAQL makes of an expression without its delimiters. @throws {Located} */
export function evaluateYaql(text: string, given: { readonly host: Host; readonly budget: Budget }): unknown {
  const machine = new Machine(given);
  const { budget } = given;
  const depth = budget.depth;
  try {
    return released(machine.value(parsed(text), new Scope()), budget);
  } catch (error) {
    budget.unwind(depth);
    // The stack ends before the budget does where values are nested very deep.
    const fault = error instanceof RangeError ? new BoundReached("depth", budget.limits.depth) : error;
    if (!(fault instanceof Fault)) throw fault;
    throw new Located(fault, fault instanceof Misread ? (fault.position ?? 0) : machine.at);
  }
}

/** @throws {Misread} */
export function checkYaql(text: string): void {
  parsed(text);
}

const kept = new Map<string, Node>();

/** Read once, as long as few enough are. */
function parsed(text: string): Node {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const node = parse(text);
  if (kept.size >= 2000) kept.clear();
  kept.set(text, node);
  return node;
}
