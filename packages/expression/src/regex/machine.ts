import { fold, isWord, setHas } from "./character-set.ts";
import type { Assertion } from "./node.ts";
import type { Program } from "./program.ts";

/** The pattern takes more work on this text than it may have. */
export class RegexBudgetError extends Error {
  override readonly name = "RegexBudgetError";
}

/** Positions by slot: 0 and 1 are the whole match, 2 and 3 the first group, and so on; -1 where there is none. */
export type Slots = readonly number[];

export interface Run {
  readonly text: string;
  readonly from: number;
  /** Only a match that begins at `from` counts. */
  readonly anchored: boolean;
  /** Only a match up to the end of the text counts. */
  readonly full: boolean;
  /** Steps that may be taken, for programs that are not forgetful and for look-around. */
  readonly budget: number;
  /** Told what is taken, for what several matches may take together. */
  readonly spend?: ((steps: number) => void) | undefined;
}

/** Runs a program from each place on, in the order Python tries things. A forgetful one tries no place twice, and so takes linear time. @throws RegexBudgetError */
export function runProgram(program: Program, run: Run): Slots | undefined {
  const machine = new Machine(program, run);
  for (let at = run.from; at <= run.text.length; at++) {
    const found = machine.from(at);
    if (found !== undefined) return found;
    if (run.anchored) return undefined;
    // No match begins inside a character of two units.
    if ((run.text.codePointAt(at) ?? 0) > 0xffff) at++;
  }
  return undefined;
}

/** As many places as are remembered at most: 16 MB. */
const mostPlaces = 128 * 1024 * 1024;

/** Places forgotten in the time of one step of an expression, and instructions run in it. */
const placesAStep = 16_000;
const instructionsAStep = 8;
const told = 128;

/** What is tried when the way taken leads nowhere: another instruction, or a slot put back. */
interface Way {
  readonly at: number;
  readonly position: number;
  readonly slot: number;
}

class Machine {
  readonly #program: Program;
  readonly #run: Run;
  readonly #visited: Uint8Array | undefined;
  #slots: number[];
  #steps = 0;
  #taken = 0;

  constructor(program: Program, run: Run) {
    this.#program = program;
    this.#run = run;
    this.#slots = Array.from({ length: program.slots }, () => -1);
    const places = program.instructions.length * (run.text.length + 1);
    if (!program.forgetful || places > mostPlaces) return;
    run.spend?.(Math.ceil(places / placesAStep));
    this.#visited = new Uint8Array(Math.ceil(places / 8));
  }

  from(position: number): Slots | undefined {
    this.#slots.fill(-1);
    const end = this.#walk({ at: 0, position, visited: this.#visited, whole: true });
    if (end === undefined) return undefined;
    this.#slots[0] = position;
    this.#slots[1] = end;
    return this.#slots;
  }

  /** The position at which the program that begins at `at` matches; slots are as on the way there, or as before. */
  #walk({
    at,
    position,
    visited,
    whole,
  }: {
    at: number;
    position: number;
    visited: Uint8Array | undefined;
    whole: boolean;
  }): number | undefined {
    const { instructions } = this.#program;
    const { text } = this.#run;
    const ways: Way[] = [{ at, position, slot: -1 }];
    for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
      if (way.slot >= 0) {
        this.#slots[way.slot] = way.position;
        continue;
      }
      let next: number | undefined = way.at;
      let here = way.position;
      while (next !== undefined) {
        this.#count(visited);
        const instruction = instructions[next];
        if (instruction === undefined) throw new Error("a program ends with a match");
        switch (instruction.op) {
          case "set": {
            const character = text.codePointAt(here);
            if (character === undefined || !setHas(instruction.set, character)) next = undefined;
            else {
              here += character > 0xffff ? 2 : 1;
              next += 1;
            }
            break;
          }
          case "split":
            if (visited !== undefined && seen(visited, next * (text.length + 1) + here)) next = undefined;
            else {
              ways.push({ at: instruction.second, position: here, slot: -1 });
              next = instruction.first;
            }
            break;
          case "jump":
            next = instruction.to;
            break;
          case "save":
            ways.push({ at: 0, position: this.#slots[instruction.slot] ?? -1, slot: instruction.slot });
            this.#slots[instruction.slot] = here;
            next += 1;
            break;
          case "round":
            next = this.#slots[instruction.slot] === here ? instruction.out : instruction.again;
            break;
          case "assertion":
            next = holds({ of: instruction.of, text, at: here, ascii: instruction.ascii }) ? next + 1 : undefined;
            break;
          case "look": {
            const before = [...this.#slots];
            const from = instruction.behind === undefined ? here : back(text, here, instruction.behind);
            const end =
              from === undefined ? undefined : this.#walk({ at: instruction.program, position: from, visited: undefined, whole: false });
            if ((end !== undefined) === instruction.negative) {
              this.#slots = before;
              next = undefined;
              break;
            }
            if (instruction.negative) this.#slots = before;
            else this.#keep(before, ways);
            next = instruction.next;
            break;
          }
          case "atomic": {
            const before = [...this.#slots];
            const end = this.#walk({ at: instruction.program, position: here, visited: undefined, whole: false });
            if (end === undefined) next = undefined;
            else {
              this.#keep(before, ways);
              here = end;
              next = instruction.next;
            }
            break;
          }
          case "back": {
            const end = this.#repeated(instruction, here);
            if (end === undefined) next = undefined;
            else {
              here = end;
              next += 1;
            }
            break;
          }
          case "conditional":
            next = (this.#slots[2 * instruction.index + 1] ?? -1) < 0 ? instruction.no : next + 1;
            break;
          case "match":
            if (whole && this.#run.full && here !== text.length) next = undefined;
            else return here;
        }
      }
    }
    return undefined;
  }

  /** What an inner match has set is put back when the way it is on fails later. */
  #keep(before: readonly number[], ways: Way[]): void {
    before.forEach((position, slot) => {
      if (this.#slots[slot] !== position) ways.push({ at: 0, position, slot });
    });
  }

  #repeated({ index, ignoreCase }: { index: number; ignoreCase: boolean }, here: number): number | undefined {
    const from = this.#slots[2 * index] ?? -1;
    const to = this.#slots[2 * index + 1] ?? -1;
    if (from < 0 || to < 0) return undefined;
    const { text } = this.#run;
    const end = here + to - from;
    if (end > text.length) return undefined;
    this.#steps += to - from;
    const [group, candidate] = [text.slice(from, to), text.slice(here, end)];
    return (ignoreCase ? folded(group) === folded(candidate) : group === candidate) ? end : undefined;
  }

  #count(visited: Uint8Array | undefined): void {
    if (++this.#taken % (instructionsAStep * told) === 0) this.#run.spend?.(told);
    if (visited === undefined && ++this.#steps > this.#run.budget) {
      throw new RegexBudgetError(`the pattern takes more than ${this.#run.budget} steps on this text`);
    }
  }
}

function seen(visited: Uint8Array, place: number): boolean {
  const byte = visited[place >> 3] ?? 0;
  const bit = 1 << (place & 7);
  if ((byte & bit) !== 0) return true;
  visited[place >> 3] = byte | bit;
  return false;
}

function holds({ of, text, at, ascii }: { of: Assertion; text: string; at: number; ascii: boolean }): boolean {
  switch (of) {
    case "start":
      return at === 0;
    case "very end":
      return at === text.length;
    case "end":
      return at === text.length || (at === text.length - 1 && text[at] === "\n");
    case "line start":
      return at === 0 || text[at - 1] === "\n";
    case "line end":
      return at === text.length || text[at] === "\n";
    case "boundary":
      return text !== "" && wordAt(text, at, ascii) !== wordBefore(text, at, ascii);
    case "no boundary":
      return text !== "" && wordAt(text, at, ascii) === wordBefore(text, at, ascii);
  }
}

function wordAt(text: string, at: number, ascii: boolean): boolean {
  const character = text.codePointAt(at);
  return character !== undefined && isWord(character, ascii);
}

function wordBefore(text: string, at: number, ascii: boolean): boolean {
  const before = back(text, at, 1);
  return before !== undefined && wordAt(text, before, ascii);
}

/** The position some characters back, if there are as many. */
function back(text: string, at: number, count: number): number | undefined {
  let position = at;
  for (let left = count; left > 0; left--) {
    if (position === 0) return undefined;
    position -= position > 1 && (text.codePointAt(position - 2) ?? 0) > 0xffff ? 2 : 1;
  }
  return position;
}

function folded(text: string): string {
  return Array.from(text, (character) => String.fromCodePoint(fold(character.codePointAt(0) ?? 0))).join("");
}
