/** The pattern is none of Python's. */
export class RegexSyntaxError extends Error {
  override readonly name = "RegexSyntaxError";
  /** In UTF-16 units from the pattern's beginning. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(`${message} at position ${position}`);
    this.position = position;
  }
}

/** A place in a pattern, and what stands there. */
export class Cursor {
  readonly pattern: string;
  at: number;

  constructor(pattern: string, at: number) {
    this.pattern = pattern;
    this.at = at;
  }

  /** Undefined at the end. */
  get next(): string | undefined {
    return this.pattern[this.at];
  }

  /** The next character, whole, taken. */
  character(): string {
    const character = String.fromCodePoint(this.pattern.codePointAt(this.at) ?? 0);
    this.at += character.length;
    return character;
  }

  take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** What fits here, taken. @param wanted sticky */
  match(wanted: RegExp): RegExpExecArray | undefined {
    wanted.lastIndex = this.at;
    const found = wanted.exec(this.pattern) ?? undefined;
    this.at += found?.[0].length ?? 0;
    return found;
  }

  /** The text before this one, taken with it; undefined where it does not come any more. */
  upTo(end: string): string | undefined {
    const from = this.at;
    const to = this.pattern.indexOf(end, from);
    if (to === -1) return undefined;
    this.at = to + end.length;
    return this.pattern.slice(from, to);
  }
}
