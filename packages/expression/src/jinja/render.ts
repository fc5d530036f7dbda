import { Budget } from "../budget.ts";
import { BoundReached, Fault, Located } from "../error.ts";
import { Interpreter, type Piece } from "./interpreter.ts";
import { type Surroundings, WantsCopies } from "./outside.ts";
import type { Expression, Statement } from "./nodes.ts";
import { NotThere, Undefined } from "./objects.ts";
import { result } from "./outgoing.ts";
import { Scope } from "./scope.ts";

/** The text that the statements make. @throws {Located} */
export function render(statements: readonly Statement[], surroundings: Surroundings): string {
  return run(surroundings, (interpreter) => interpreter.text(statements, new Scope()));
}

/** The same as `render`, piece by piece. What a block makes of text before it is written (a macro, a filter, a `set`) is a value; a text that an expression
 *  has on its own, or to choose among, is the template's. @throws {Located} */
export function renderPieces(statements: readonly Statement[], surroundings: Surroundings): Piece[] {
  return run(surroundings, (interpreter) => interpreter.pieces(statements, new Scope()));
}

/** What an expression is that names something that is not there. */
export const missing = Symbol("missing");

/** The value of an expression, with its type, or `missing`. @throws {Located} */
export function evaluate(expression: Expression, surroundings: Surroundings): unknown {
  return run(surroundings, (interpreter) => {
    const value = interpreter.value(expression, new Scope());
    return value instanceof Undefined && !value.lenient ? missing : result(value, interpreter);
  });
}

/** Most templates change nothing; one that does is run again on copies. */
function run<T>(surroundings: Surroundings, work: (interpreter: Interpreter) => T): T {
  const budget = surroundings.budget ?? new Budget();
  const depth = budget.depth;
  const attempt = (copies: boolean): T => {
    const interpreter = new Interpreter({ ...surroundings, budget, copies });
    try {
      return work(interpreter);
    } catch (error) {
      budget.unwind(depth);
      // The stack ends before the budget does where values are nested very deep.
      const fault = error instanceof RangeError ? new BoundReached("depth", budget.limits.depth) : error;
      if (!(fault instanceof Fault)) throw fault;
      throw new Located(fault, fault instanceof NotThere ? fault.at : interpreter.at);
    }
  };
  try {
    return attempt(false);
  } catch (error) {
    if (!(error instanceof WantsCopies)) throw error;
    return attempt(true);
  }
}
