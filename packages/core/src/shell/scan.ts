/** Where in a shell command a value stands. Only in the first three can any value be quoted. */
export type Place = { kind: "bare" } | { kind: "single" } | { kind: "double" } | { kind: "refused"; where: string };

/** Walks through a command for `sh -c`, text and values as they come, and says of each value where it stands. What shells read differently, or what can't be
 *  followed with certainty, makes every later value refused: a wrong guess would turn a value into code. It reads character by character, since a value can
 *  stand anywhere, and holds what is open at the moment. */
export class Scanner {
  private state: "bare" | "single" | "double" | "comment" | "substitution" | "braces" | "backticks" | "document" = "bare";
  /** Whether the substitution that is open began within double quotes. */
  private inDouble = false;
  private unsure: string | undefined;
  /** The text of the present word as written, for what depends on what stands before. */
  private word = "";
  private atWordStart = true;
  private escaped = false;
  private dollar = false;
  /** What stands in the open `$(…)`, `${…}` or here-document so far. */
  private inside = "";
  private depth = 0;
  private innerQuote: "" | "'" | '"' = "";
  private operator = "";
  private delimiter: { text: string; reading: boolean; tabs: boolean } | undefined;
  private documents: { end: string; tabs: boolean }[] = [];

  /** For another way to go on from here. */
  copy(): Scanner {
    const copy = Object.assign(new Scanner(), this);
    copy.delimiter = this.delimiter && { ...this.delimiter };
    copy.documents = [...this.documents];
    return copy;
  }

  text(text: string): void {
    for (const character of text) this.step(character);
  }

  value(): Place {
    const place = this.place();
    const before = this.operator;
    this.word += "\u0000";
    this.atWordStart = false;
    this.dollar = false;
    this.operator = "";
    if (this.delimiter || before === "<<") this.unsure ??= "after a here-document whose end is a value";
    if (this.escaped) this.unsure ??= "after a backslash";
    return place;
  }

  private place(): Place {
    if (this.unsure !== undefined) return refused(this.unsure);
    if (this.escaped) return refused("after a backslash");
    // Quoted or not: bash calculates an index, and what it calculates may run commands.
    if (/^(?:bare|single|double)$/.test(this.state) && /[\w\0]\[[^\]]*$/.test(this.word)) return refused("in the index of an array");
    switch (this.state) {
      case "single":
        return { kind: "single" };
      case "double":
        return { kind: "double" };
      case "bare":
        if (this.delimiter || this.operator === "<<") return refused("as the end of a here-document");
        if (this.dollar) return refused("after a dollar sign");
        return { kind: "bare" };
      case "comment":
        return refused("in a comment");
      case "substitution":
        return refused("in $(…)");
      case "braces":
        return refused("in ${…}");
      case "backticks":
        return refused("in backticks");
      case "document":
        return refused("in a here-document");
    }
  }

  private step(character: string): void {
    switch (this.state) {
      case "bare":
        return this.bare(character);
      case "single":
        if (character === "'") this.state = "bare";
        return;
      case "double":
        return this.double(character);
      case "comment":
        if (character === "\n") this.newline();
        return;
      case "substitution":
        return this.substitution(character);
      case "braces":
        return this.braces(character);
      case "backticks":
        if (this.escaped) this.escaped = false;
        else if (character === "\\") this.escaped = true;
        else if (character === "`") this.close();
        return;
      case "document":
        return this.document(character);
    }
  }

  private bare(character: string): void {
    if (this.escaped) {
      this.escaped = false;
      // An escaped newline is no character at all: what came before it goes on.
      if (character !== "\n") this.inWord(`\\${character}`);
      return;
    }
    const { dollar, operator } = this;
    this.dollar = false;
    this.operator = "";
    if (operator === "<<" && !/[<-]/.test(character) && !this.delimiter) this.delimiter = { text: "", reading: false, tabs: false };
    if (dollar && this.opensAfterDollar(character, false)) return;
    switch (character) {
      case "\\":
        this.escaped = true;
        return;
      case "'":
        this.inWord("");
        this.state = "single";
        if (this.delimiter) this.unsure ??= "after a here-document with a quoted end";
        return;
      case '"':
        this.inWord("");
        this.state = "double";
        if (this.delimiter) this.unsure ??= "after a here-document with a quoted end";
        return;
      case "`":
        this.open("backticks", false);
        return;
      case "$":
        // `$$` is the shell's own number: its second half opens nothing.
        this.dollar = !dollar;
        this.inWord("$");
        return;
      case "#":
        if (this.atWordStart) this.state = "comment";
        else this.inWord("#");
        return;
      case "\n":
        return this.newline();
      case "(":
        if (operator === "(") this.unsure ??= "after ((";
        this.endWord();
        this.operator = "(";
        return;
      case "<":
        this.endWord();
        this.operator = operator === "<" ? "<<" : operator === "<<" ? "<<<" : "<";
        if (this.operator === "<<<") this.unsure ??= "after <<<";
        return;
      case "-":
        if (operator === "<<") this.delimiter = { text: "", reading: false, tabs: true };
        else this.inWord("-");
        return;
      default:
        if (/[^\S \t\n]/.test(character)) this.unsure ??= "after white space that is none to shells";
        if (/[\s;&|)>]/.test(character)) this.endWord();
        else this.inWord(character);
    }
  }

  private double(character: string): void {
    if (this.escaped) {
      this.escaped = false;
      return;
    }
    const { dollar } = this;
    this.dollar = false;
    if (dollar && this.opensAfterDollar(character, true)) return;
    if (character === "\\") this.escaped = true;
    else if (character === '"') this.state = "bare";
    else if (character === "`") this.open("backticks", true);
    else if (character === "$") this.dollar = !dollar;
  }

  private opensAfterDollar(character: string, inDouble: boolean): boolean {
    if (character === "(") this.open("substitution", inDouble);
    else if (character === "{") this.open("braces", inDouble);
    else {
      // Shells disagree on both: bash reads them as quotes with escapes and as arithmetic.
      if (character === "[") this.unsure ??= "after $[";
      if (character === "'" && !inDouble) this.unsure ??= "after $'";
      return false;
    }
    return true;
  }

  private open(state: "substitution" | "braces" | "backticks", inDouble: boolean): void {
    if (!inDouble) this.inWord("");
    this.state = state;
    this.inDouble = inDouble;
    this.inside = "";
    this.depth = 1;
    this.innerQuote = "";
    this.escaped = false;
  }

  private close(): void {
    this.state = this.inDouble ? "double" : "bare";
    this.dollar = false;
  }

  private substitution(character: string): void {
    this.inside += character;
    if (this.escaped) this.escaped = false;
    else if (this.innerQuote !== "") {
      if (character === this.innerQuote) this.innerQuote = "";
      else if (this.innerQuote === '"' && character === "\\") this.escaped = true;
      else if (this.innerQuote === '"' && /[`$]/.test(character)) this.unsure ??= "after quotes with substitutions in $(…)";
    } else if (character === "\\") this.escaped = true;
    else if (character === "'" || character === '"') this.innerQuote = character;
    else if (character === "(") this.depth++;
    else if (character === ")" && --this.depth === 0) this.close();
    // In these a parenthesis can stand alone, or quotes mean nothing.
    if (/\bcase\b|<<|#|`|\$['{]/.test(this.inside.slice(-8)))
      this.unsure ??= "after a $(…) with a case, a comment, backticks, ${…} or a here-document";
  }

  private braces(character: string): void {
    if (character === "}") return this.close();
    if (/['"\\`${]/.test(character)) this.unsure ??= "after a ${…} with quotes or further expansions";
  }

  private newline(): void {
    this.endWord();
    this.state = "bare";
    if (this.documents.length === 0) return;
    this.state = "document";
    this.inside = "";
  }

  private document(character: string): void {
    const [current] = this.documents;
    if (current === undefined) return;
    if (character !== "\n") {
      // What is expanded in a here-document can reach beyond its end, and shells differ in how far.
      if (/[$`\\]/.test(character)) this.unsure ??= "after a here-document with expansions";
      this.inside += character;
      return;
    }
    const line = current.tabs ? this.inside.replace(/^\t+/, "") : this.inside;
    this.inside = "";
    if (line !== current.end) return;
    this.documents.shift();
    if (this.documents.length === 0) this.state = "bare";
  }

  private inWord(text: string): void {
    this.word += text;
    this.atWordStart = false;
    if (!this.delimiter) return;
    this.delimiter.reading = true;
    this.delimiter.text += text;
    if (!/^[\w.-]*$/.test(this.delimiter.text)) this.unsure ??= "after a here-document with an unusual end";
  }

  private endWord(): void {
    this.word = "";
    this.atWordStart = true;
    if (this.delimiter?.reading !== true) return;
    this.documents.push({ end: this.delimiter.text, tabs: this.delimiter.tabs });
    this.delimiter = undefined;
  }
}

function refused(where: string): Place {
  return { kind: "refused", where };
}
