import { ExpressionError, Fault, readJson, renderJinja, Shown, stackstormFilters } from "@bellhop/expression";

/** Fills a template with names, as Jinja: text. Throws what is wrong with the template or in it. */
export type Render = (template: string, names: Readonly<Record<string, unknown>>) => string;

/** Jinja, as StackStorm has it: a name that is not there is an error. */
export const jinja: Render = (template, variables) => renderJinja(template, { variables, filters });

/** A value of the datastore is only shown as text there: it is no JSON. */
const filters: typeof stackstormFilters = new Map([
  ...stackstormFilters,
  [
    "to_complex",
    (args, ...rest) => {
      if (args[0] instanceof Shown) throw new Fault("TypeError", `Object of type ${args[0].type} is not JSON serializable`);
      return stackstormFilters.get("to_complex")?.(args, ...rest);
    },
  ],
]);

/** Whether a pattern is to be rendered: all others are what they are. */
export function isTemplate(pattern: unknown): pattern is string {
  return typeof pattern === "string" && /\{[{%#]/.test(pattern);
}

/** A criterion's pattern for one event. An expression keeps its type: the last one of a line is asked for as JSON, and where all is JSON then, that is the
 *  pattern; else it is the text. */
export function renderPattern(pattern: string, names: Readonly<Record<string, unknown>>, render: Render): unknown {
  const asJson = pattern.replaceAll(/(\{\{)(.*)(\}\})/g, "$1$2 | to_complex$3");
  if (asJson !== pattern) {
    const rendered = inJson({ asJson, pattern, names, render });
    try {
      return readJson(rendered);
    } catch {
      // Not all of it is an expression: then it is text.
    }
  }
  return render(pattern, names);
}

/** What is not there can't be asked for as JSON: that, and not that it is missing, is what Python says of it. */
function inJson(at: { asJson: string; pattern: string; names: Readonly<Record<string, unknown>>; render: Render }): string {
  const { asJson, pattern, names, render } = at;
  try {
    return render(asJson, names);
  } catch (thrown) {
    const last = pattern.slice(pattern.lastIndexOf("{{") + 2, pattern.lastIndexOf("}}"));
    if (
      thrown instanceof ExpressionError &&
      thrown.type === "UndefinedError" &&
      isMissing(`{{ (${last}) is defined }}`, { names, render })
    ) {
      throw new ExpressionError({
        type: "TypeError",
        language: "jinja",
        expression: asJson,
        message: "Object of type StrictUndefined is not JSON serializable",
      });
    }
    throw thrown;
  }
}

function isMissing(template: string, { names, render }: { names: Readonly<Record<string, unknown>>; render: Render }): boolean {
  try {
    return render(template, names) === "False";
  } catch {
    return false;
  }
}
