/** A part of a text, both delimiters included. */
export interface Span {
  /** From 0. */
  readonly start: number;
  readonly text: string;
}

/** The parts of a text between delimiters, on one line each, as the pattern `open.*?close` finds them; in one walk, however many stay open. */
export function* spansOf(text: string, open: string, close: string): Generator<Span, void> {
  let end = text.indexOf(close);
  let line = text.indexOf("\n");
  for (let start = text.indexOf(open); start !== -1; start = text.indexOf(open, start)) {
    const inside = start + open.length;
    if (end !== -1 && end < inside) end = text.indexOf(close, inside);
    if (end === -1) return;
    if (line !== -1 && line < inside) line = text.indexOf("\n", inside);
    if (line !== -1 && line < end) {
      start = line;
      continue;
    }
    yield { start, text: text.slice(start, end + close.length) };
    start = end + close.length;
  }
}

export function hasSpan(text: string, open: string, close: string): boolean {
  return !spansOf(text, open, close).next().done;
}

/** Without such characters at both ends. */
export function stripped(text: string, characters: string): string {
  let [start, end] = [0, text.length];
  while (start < end && characters.includes(text.charAt(start))) start += 1;
  while (end > start && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** The same text with something else for each part. */
export function replacedSpans(text: string, spans: Iterable<Span>, by: (span: Span) => string): string {
  let made = "";
  let from = 0;
  for (const span of spans) {
    made += text.slice(from, span.start) + by(span);
    from = span.start + span.text.length;
  }
  return made + text.slice(from);
}
