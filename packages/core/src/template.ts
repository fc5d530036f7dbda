/** An expression that is more than a dotted path. `offset` counts from 0 in UTF-16 units. */
export interface TemplateFault {
  readonly expression: string;
  readonly offset: number;
}

export interface Template {
  readonly parts: readonly (
    | string
    | { readonly path: readonly (string | number)[]; readonly offset: number; readonly expression: string }
  )[];
}

/** Reads `{{ a.b[0] }}` templates. Parsed once, rendered often. */
export function parseTemplate(_text: string): { kind: "ok"; template: Template } | { kind: "fault"; fault: TemplateFault } {
  throw new Error("to come");
}

/** The first expression of a text that templates don't know, or undefined where it is a good template (or none). */
export function templateFault(_text: string): TemplateFault | undefined {
  throw new Error("to come");
}

/** Fills a template. What is missing or null becomes nothing, other values than text become JSON. */
export function renderTemplate(_template: Template, _names: Readonly<Record<string, unknown>>): string {
  throw new Error("to come");
}
