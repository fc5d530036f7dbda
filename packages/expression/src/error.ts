/** What went wrong inside an evaluation, with the name Python's exception has: `TypeError`, `KeyError`, `NoMatchingMethodException` … */
export class Fault extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.name = type;
    this.type = type;
  }
}

/** Which bound an evaluation met. */
export type Bound = "steps" | "size" | "depth" | "regex";

/** An evaluation that would have taken too much. Nothing in an expression can catch it. */
export class BoundReached extends Fault {
  readonly bound: Bound;

  constructor(bound: Bound, limit: number) {
    super("BoundReached", `It takes more than ${limit} ${wordsOf[bound]}.`);
    this.bound = bound;
  }
}

/** A fault, and the place in the source that was worked on. */
export class Located extends Error {
  readonly fault: Fault;
  /** From 0. */
  readonly at: number;

  constructor(fault: Fault, at: number) {
    super(fault.message, { cause: fault });
    this.fault = fault;
    this.at = at;
  }
}

/** The one error that this package throws. `message` is a sentence, `caret` shows the place. */
export class ExpressionError extends Error {
  /** The class of Python's exception, or `BoundReached`. */
  readonly type: string;
  readonly language: "yaql" | "jinja";
  /** With its delimiters. */
  readonly expression: string;
  /** Where in `expression` it went wrong, from 0, as far as it is known. */
  readonly position: number | undefined;

  constructor(about: {
    type: string;
    language: "yaql" | "jinja";
    expression: string;
    message: string;
    position?: number | undefined;
    cause?: unknown;
  }) {
    super(about.message, about.cause === undefined ? undefined : { cause: about.cause });
    this.name = "ExpressionError";
    this.type = about.type;
    this.language = about.language;
    this.expression = about.expression;
    this.position = about.position;
  }

  /** The line with the fault, and below it a caret. */
  get caret(): string | undefined {
    if (this.position === undefined) return undefined;
    const start = this.expression.lastIndexOf("\n", this.position - 1) + 1;
    const end = this.expression.indexOf("\n", this.position);
    const line = this.expression.slice(start, end === -1 ? undefined : end);
    return `${line}\n${" ".repeat(this.position - start)}^`;
  }
}

const wordsOf: Readonly<Record<Bound, string>> = {
  steps: "steps",
  size: "characters of text or items",
  depth: "levels of nesting",
  regex: "steps in a regular expression",
};
