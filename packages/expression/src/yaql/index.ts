import type { Budget } from "../budget.ts";
import { interpret } from "./interpret.ts";
import { released } from "./output.ts";
import { parse, type Node } from "./parse.ts";
import type { Host } from "./signature.ts";

/** What YAQL makes of an expression without its delimiters. @throws {Fault} */
export function evaluateYaql(text: string, given: { readonly host: Host; readonly budget: Budget }): unknown {
  return released(interpret(parsed(text), given), given.budget);
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
