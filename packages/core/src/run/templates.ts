import { problem, type ActionDefinition, type Problem } from "@bellhop/contracts";
import { renderShell } from "../shell/quote.ts";
import { parseTemplate, renderTemplate } from "../template.ts";
import { castValue } from "./cast.ts";
import { invalid, type Parameters } from "./parameters.ts";

export type Rendered = { kind: "ok"; secrets: string[] } | { kind: "refused"; problem: Problem };

/** Fills the templates in defaults from the other parameters, in place. What a person gave is never a template. A default that takes in a
 *  secret becomes one itself. In a command, values are quoted for where they stand. */
export function renderDefaults(at: {
  action: ActionDefinition;
  parameters: Parameters;
  input: Record<string, unknown>;
  defaulted: ReadonlySet<string>;
}): Rendered {
  const { action, parameters, input } = at;
  const secrets = new Set(Object.keys(input).filter((name) => parameters[name]?.secret === true));
  const waiting = new Map<string, { shell: boolean; names: ReadonlySet<string> }>();
  for (const name of at.defaulted) {
    const texts = textsOf(input[name]).filter((text) => /\{\{|\{%/.test(text));
    if (texts.length === 0) continue;
    const names = namesIn(texts);
    if (names.kind === "refused") return refuse(action, name, names.expression);
    waiting.set(name, { shell: name === "cmd" && action.kind === "local-shell-cmd", names: names.names });
  }
  while (waiting.size > 0) {
    const ready = [...waiting].find(([, { names }]) => ![...names].some((name) => waiting.has(name)));
    if (ready === undefined) return circle(action, [...waiting.keys()]);
    const [name, { shell, names }] = ready;
    waiting.delete(name);
    if ([...names].some((used) => secrets.has(used))) secrets.add(name);
    if (shell) {
      const command = renderShell(String(input[name]), input);
      if (command.kind === "refused") return refuse(action, name, command.expression, command);
      input[name] = command.text;
      continue;
    }
    const parameter = parameters[name] ?? {};
    const value = filled(input[name], input);
    const cast = castValue(value, parameter);
    if (cast.kind === "refused") {
      return { kind: "refused", problem: invalid({ action: action.ref, name, value, parameter, expected: cast.expected }) };
    }
    input[name] = cast.value;
  }
  return { kind: "ok", secrets: [...secrets] };
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function namesIn(texts: readonly string[]): { kind: "ok"; names: Set<string> } | { kind: "refused"; expression: string } {
  const names = new Set<string>();
  for (const text of texts) {
    const parsed = parseTemplate(text);
    if (parsed.kind === "fault") return { kind: "refused", expression: parsed.fault.expression };
    for (const part of parsed.template.parts) if (typeof part !== "string") names.add(String(part.path[0]));
  }
  return { kind: "ok", names };
}

function filled(value: unknown, names: Readonly<Record<string, unknown>>): unknown {
  if (typeof value === "string") {
    const parsed = parseTemplate(value);
    return parsed.kind === "ok" ? renderTemplate(parsed.template, names) : value;
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, names)]));
}

function refuse(action: ActionDefinition, parameter: string, expression: string, found?: { offset: number; where: string }): Rendered {
  const offset = found === undefined ? "" : `, character ${found.offset + 1} of ${parameter}`;
  return {
    kind: "refused",
    problem: problem("template_refused", {
      place: `${action.ref} (${action.source.file}:${action.source.line}${offset})`,
      expression,
      where: found?.where ?? `in the default of ${parameter}`,
      suggestion:
        found === undefined
          ? "Templates here know dotted paths, such as {{ host }} or {{ server.name }}."
          : 'Put the value into a variable first, as in: host={{ host }}; echo "$host".',
    }),
  };
}

function circle(action: ActionDefinition, names: readonly string[]): Rendered {
  const place = `${action.ref} (${action.source.file}:${action.source.line})`;
  const where = "where each default needs the other";
  const suggestion = "Give one of them a default of its own.";
  return { kind: "refused", problem: problem("template_refused", { place, expression: names.join(", "), where, suggestion }) };
}
