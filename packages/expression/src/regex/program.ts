import type { CharacterSet } from "./character-set.ts";
import { widthOf, type Assertion, type Node, type Parsed } from "./node.ts";

/** One step of a matcher. `x` and `y` are places in the program. */
export type Instruction =
  | { readonly op: "set"; readonly set: CharacterSet }
  | { readonly op: "split"; readonly first: number; readonly second: number }
  | { readonly op: "jump"; readonly to: number }
  | { readonly op: "save"; readonly slot: number }
  /** Ends the loop when the round that began at `slot` took nothing: such a round would go on for ever. */
  | { readonly op: "round"; readonly slot: number; readonly again: number; readonly out: number }
  | { readonly op: "assertion"; readonly of: Assertion; readonly ascii: boolean }
  | {
      readonly op: "look";
      readonly program: number;
      readonly negative: boolean;
      readonly behind: number | undefined;
      readonly next: number;
    }
  | { readonly op: "atomic"; readonly program: number; readonly next: number }
  | { readonly op: "back"; readonly index: number; readonly ignoreCase: boolean }
  | { readonly op: "conditional"; readonly index: number; readonly no: number }
  | { readonly op: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** How many positions are remembered: two for each group and the whole, one for each loop that may take nothing. */
  readonly slots: number;
  readonly groups: number;
  /** Whether what lies ahead of a place depends on nothing but the place: then no place is tried twice. */
  readonly forgetful: boolean;
}

/** A pattern such as `(a{1000}){1000}` is larger than this. */
export class RegexTooLargeError extends Error {
  override readonly name = "RegexTooLargeError";
}

const longestProgram = 20_000;

/** @throws RegexTooLargeError */
export function programOf({ node, groups }: Parsed): Program {
  const instructions: Instruction[] = [];
  let slots = 2 * (groups + 1);
  let forgetful = true;
  const add = (instruction: Instruction): number => {
    if (instructions.length >= longestProgram) throw new RegexTooLargeError(`the pattern takes more than ${longestProgram} steps`);
    return instructions.push(instruction) - 1;
  };
  const here = () => instructions.length;
  const patch = (at: number, instruction: Instruction) => void (instructions[at] = instruction);

  const emit = (part: Node): void => {
    switch (part.kind) {
      case "set":
        add({ op: "set", set: part.set });
        return;
      case "sequence":
        part.nodes.forEach(emit);
        return;
      case "choice":
        emitChoice(part.branches);
        return;
      case "group":
        add({ op: "save", slot: 2 * part.index });
        emit(part.node);
        add({ op: "save", slot: 2 * part.index + 1 });
        return;
      case "repeat":
        emitRepeat(part);
        return;
      case "assertion":
        add({ op: "assertion", of: part.of, ascii: part.ascii });
        return;
      case "look":
      case "atomic": {
        const at = add({ op: "match" });
        emit(part.node);
        add({ op: "match" });
        const { negative, behind } = part.kind === "look" ? part : {};
        patch(
          at,
          part.kind === "atomic"
            ? { op: "atomic", program: at + 1, next: here() }
            : { op: "look", program: at + 1, negative: negative === true, behind, next: here() },
        );
        return;
      }
      case "back":
        forgetful = false;
        add({ op: "back", index: part.index, ignoreCase: part.ignoreCase });
        return;
      case "conditional": {
        forgetful = false;
        const test = add({ op: "match" });
        emit(part.yes);
        const jump = add({ op: "match" });
        patch(test, { op: "conditional", index: part.index, no: here() });
        emit(part.no);
        patch(jump, { op: "jump", to: here() });
      }
    }
  };

  const emitChoice = (branches: readonly Node[]): void => {
    const jumps: number[] = [];
    branches.forEach((branch, index) => {
      if (index === branches.length - 1) return emit(branch);
      const split = add({ op: "match" });
      emit(branch);
      jumps.push(add({ op: "match" }));
      patch(split, { op: "split", first: split + 1, second: here() });
    });
    for (const jump of jumps) patch(jump, { op: "jump", to: here() });
  };

  const emitRepeat = ({ node: inner, min, max, mode }: Node & { kind: "repeat" }): void => {
    const split = (at: number, out: number) =>
      patch(at, { op: "split", ...(mode === "greedy" ? { first: at + 1, second: out } : { first: out, second: at + 1 }) });
    for (let count = 0; count < min; count++) emit(inner);
    if (max === Infinity) {
      const at = add({ op: "match" });
      if (widthOf(inner)[0] > 0) {
        emit(inner);
        add({ op: "jump", to: at });
      } else {
        const slot = slots++;
        add({ op: "save", slot });
        emit(inner);
        const round = add({ op: "match" });
        patch(round, { op: "round", slot, again: at, out: here() });
      }
      split(at, here());
      return;
    }
    const splits: number[] = [];
    for (let count = min; count < max; count++) {
      splits.push(add({ op: "match" }));
      emit(inner);
    }
    for (const at of splits) split(at, here());
  };

  emit(node);
  add({ op: "match" });
  return { instructions, slots, groups, forgetful };
}
