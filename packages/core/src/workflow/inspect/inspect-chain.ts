import { entriesOf, hasJinja, isMapping, repr, validateJinja } from "@bellhop/expression";
import type { Complaint } from "./inspect-workflow.ts";
import { schemaFaults, type Path, type Schema, type SchemaFault } from "./schema.ts";

/** All that is wrong with an action chain: its form, names that lead nowhere, templates that can't be read. */
export function inspectChain(document: unknown): Complaint[] {
  if (!isMapping(document)) {
    return [{ group: "syntax", message: `${repr(document).slice(0, 300)} is not of type 'object'`, path: [], schemaPath: ["type"] }];
  }
  const fields = Object.fromEntries(entriesOf(document));
  const nodes = (Array.isArray(fields["chain"]) ? fields["chain"] : []).map((node: unknown, place) => ({
    fields: isMapping(node) ? Object.fromEntries(entriesOf(node)) : {},
    path: ["chain", place],
  }));
  return [
    ...schemaFaults(document, chain).map((fault) => ({ ...fault, group: "syntax" as const })),
    ...nodes.flatMap(twoSpellings).map((fault) => ({ ...fault, group: "syntax" as const })),
    ...danglingNames(fields["default"], nodes).map((fault) => ({ ...fault, group: "semantics" as const })),
    ...[{ fields, path: [] }, ...nodes].flatMap(templateFaults),
  ];
}

interface Node {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

function twoSpellings({ fields, path }: Node): SchemaFault[] {
  if (!("params" in fields && "parameters" in fields)) return [];
  const message = "'params' and 'parameters' are two names of one thing: one of them has to go";
  return [{ path: [...path, "params"], schemaPath: [], message }];
}

/** A name with a template is known when it is come to. */
function danglingNames(first: unknown, nodes: readonly Node[]): SchemaFault[] {
  const known = nodes.flatMap(({ fields: { name } }) => (typeof name === "string" ? [name] : []));
  const check = (path: Path, name: unknown): SchemaFault[] =>
    typeof name !== "string" || name === "" || hasJinja(name) || known.includes(name)
      ? []
      : [{ path, schemaPath: [], message: `The task "${name}" is not defined.`, meant: { word: name, known } }];
  return [
    ...check(["default"], first),
    ...nodes.flatMap(({ fields, path }) => ["on-success", "on-failure"].flatMap((way) => check([...path, way], fields[way]))),
  ];
}

function templateFaults({ fields, path }: Node): Complaint[] {
  return ["vars", "ref", "params", "parameters", "publish", "on-success", "on-failure"].flatMap((name) =>
    textsOf(fields[name]).flatMap((text) =>
      validateJinja(text).map(({ expression, message }) => ({
        group: "expressions" as const,
        path: [...path, name],
        schemaPath: [],
        message,
        language: "jinja" as const,
        expression,
      })),
    ),
  );
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isMapping(value) ? Array.from(entriesOf(value)).flatMap(([key, inner]) => [...textsOf(key), ...textsOf(inner)]) : [];
}

const text: Schema = { type: "string", minLength: 1 };
const mapping: Schema = { type: "object" };

const chain: Schema = {
  type: "object",
  properties: {
    chain: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: {
          name: text,
          ref: text,
          params: mapping,
          parameters: mapping,
          "on-success": { type: "string" },
          "on-failure": { type: "string" },
          publish: mapping,
          notify: mapping,
        },
        required: ["name", "ref"],
        additionalProperties: false,
      },
    },
    default: { type: "string" },
    vars: mapping,
  },
  required: ["chain"],
  additionalProperties: false,
};
