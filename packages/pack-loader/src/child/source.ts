import { isBuiltin } from "node:module";
import { dirname, join } from "node:path/posix";
import { nearest } from "@bellhop/core/near";
import { placeAt, placesOf, type Range } from "../located.ts";
import { packageOf, provided, sourceOf } from "../modules/resolution.ts";
import type { PackProblem } from "../problem.ts";
import type TypeScript from "ts6";
import { typescript as ts } from "./typescript.ts";

/** A TypeScript file as far as the loader needs to understand it. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly format: "module" | "commonjs";
  readonly problems: PackProblem[];
  /** Offsets of the default export and of the parts of its one object argument: see `Extracted.ranges`. */
  readonly ranges: Record<string, Range>;
}

/** What a pack's files may import besides Node's modules and what the host provides. */
interface Importable {
  /** Paths of the pack's own files. */
  readonly files: ReadonlySet<string>;
  /** Names of its dependencies. */
  readonly declared: readonly string[];
  readonly development: readonly string[];
}

/** Comments say nothing here that types would. */
const parsing = { languageVersion: ts.ScriptTarget.ES2022, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };

/** Parses a file: syntax errors, imports that will not be there, and where things stand. */
export function readSource(file: { path: string; text: string }, importable: Importable): Source {
  const tree = ts.createSourceFile(file.path, file.text, parsing, false, scriptKind(file.path));
  const problems: PackProblem[] = [];
  const complain = (node: TypeScript.Node, message: string, hint: string) => {
    problems.push({ file: file.path, ...at(tree, node.getStart(tree)), message, hint });
  };
  const syntax = (tree as { parseDiagnostics?: readonly TypeScript.DiagnosticWithLocation[] }).parseDiagnostics ?? [];
  for (const fault of syntax) {
    const message = ts.flattenDiagnosticMessageText(fault.messageText, " ");
    problems.push({ file: file.path, ...at(tree, fault.start), message: `This is no TypeScript: ${message}`, hint: "" });
  }
  for (const [node, specifier] of imports(tree)) {
    const refused = importFault(file.path, specifier, importable);
    if (refused) complain(node, refused.message, refused.hint);
  }
  return { ...file, format: formatOf(tree), problems, ranges: rangesOf(tree) };
}

function at(tree: TypeScript.SourceFile, offset: number) {
  return placeAt(tree.getLineStarts(), offset);
}

function scriptKind(path: string): TypeScript.ScriptKind {
  return path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
}

function importFault(
  from: string,
  specifier: string,
  { files, declared, development }: Importable,
): { message: string; hint: string } | undefined {
  if (specifier.startsWith("./") || specifier.startsWith("../") || specifier === "." || specifier === "..") {
    const wanted = join(dirname(from), specifier);
    if (wanted.startsWith(".."))
      return { message: `"${specifier}" leads out of the pack.`, hint: "Only what lies in the pack's folder travels with it." };
    if (sourceOf(wanted, (path) => files.has(path)) !== undefined) return undefined;
    return {
      message: `There is no file "${specifier}" beside ${from}.`,
      hint: "Tests and files whose name starts with a dot do not travel.",
    };
  }
  if (isBuiltin(specifier) || provided.has(specifier)) return undefined;
  const name = packageOf(specifier);
  if (declared.includes(name)) return undefined;
  const message = `"${name}" is not among the dependencies of this pack.`;
  if (development.includes(name))
    return { message, hint: `In package.json, move it from devDependencies to dependencies: only those travel.` };
  const near = nearest(name, [...declared, ...provided]);
  return {
    message,
    hint:
      near === undefined ? "Add it to dependencies in package.json." : `Did you mean ${near}? Else add it to dependencies in package.json.`,
  };
}

/** Imports that exist when the code runs: those of types only are gone by then. */
function imports(tree: TypeScript.SourceFile): [TypeScript.Node, string][] {
  const found: [TypeScript.Node, string][] = [];
  // Most files have statements of imports only, at their top: no need to look at every expression.
  const calls = /\brequire\b|\bimport\b(?!\s*[\w$"'{*])/.test(tree.text);
  const add = (node: TypeScript.Node | undefined) => {
    if (node && ts.isStringLiteralLike(node)) found.push([node, node.text]);
  };
  const visit = (node: TypeScript.Node): void => {
    if (ts.isImportDeclaration(node)) {
      if (node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword) add(node.moduleSpecifier);
    } else if (ts.isExportDeclaration(node)) {
      if (!node.isTypeOnly) add(node.moduleSpecifier);
    } else if (ts.isImportEqualsDeclaration(node)) {
      if (!node.isTypeOnly && ts.isExternalModuleReference(node.moduleReference)) add(node.moduleReference.expression);
    } else if (ts.isCallExpression(node)) {
      const called = node.expression;
      const loads = called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require");
      if (loads) add(node.arguments[0]);
    }
    if (calls) ts.forEachChild(node, visit);
  };
  ts.forEachChild(tree, visit);
  return found;
}

function formatOf(tree: TypeScript.SourceFile): Source["format"] {
  if (tree.fileName.endsWith(".cts")) return "commonjs";
  if (tree.fileName.endsWith(".mts")) return "module";
  const exportsEsm = tree.statements.some(
    (node) =>
      (ts.isExportAssignment(node) && !node.isExportEquals) ||
      ts.isExportDeclaration(node) ||
      (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)),
  );
  if (exportsEsm) return "module";
  const old = tree.statements.some(
    (node) =>
      (ts.isExportAssignment(node) && node.isExportEquals) ||
      (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)),
  );
  if (old || /\bmodule\.exports\b|(^|[^.\w])exports\.\w|\brequire\(/m.test(tree.text)) return "commonjs";
  return "module";
}

/** The expression that the file exports as its one definition. */
function definitionOf(tree: TypeScript.SourceFile): TypeScript.Expression | undefined {
  for (const node of tree.statements) {
    if (ts.isExportAssignment(node)) return followed(tree, node.expression);
    if (!ts.isExpressionStatement(node) || !ts.isBinaryExpression(node.expression)) continue;
    const target = node.expression.left.getText(tree);
    if (target === "module.exports" || target === "exports.default") return followed(tree, node.expression.right);
  }
  return undefined;
}

function followed(tree: TypeScript.SourceFile, expression: TypeScript.Expression): TypeScript.Expression {
  const bare = bareOf(expression);
  if (!ts.isIdentifier(bare)) return bare;
  for (const node of tree.statements) {
    if (!ts.isVariableStatement(node)) continue;
    const declared = node.declarationList.declarations.find((one) => one.name.getText(tree) === bare.text);
    if (declared?.initializer) return bareOf(declared.initializer);
  }
  return bare;
}

/** Without parentheses and what only the type checker sees. */
function bareOf(expression: TypeScript.Expression): TypeScript.Expression {
  const wraps = ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression);
  return wraps || ts.isNonNullExpression(expression) ? bareOf(expression.expression) : expression;
}

function rangesOf(tree: TypeScript.SourceFile): Record<string, Range> {
  const ranges: Record<string, Range> = {};
  const record = (path: string, outer: TypeScript.Node, value: TypeScript.Expression): void => {
    ranges[path] = [outer.getStart(tree), outer.getEnd()];
    const bare = bareOf(value);
    const below = (step: string | number) => (path === "" ? `${step}` : `${path}/${step}`);
    if (ts.isObjectLiteralExpression(bare)) {
      for (const property of bare.properties) {
        const key = property.name && (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name)) ? property.name.text : undefined;
        if (key === undefined) continue;
        const inner = ts.isPropertyAssignment(property) ? property.initializer : undefined;
        if (inner) record(below(key), property, inner);
        else ranges[below(key)] = [property.getStart(tree), property.getEnd()];
      }
    } else if (ts.isArrayLiteralExpression(bare)) {
      bare.elements.forEach((element, index) => record(below(index), element, element));
    } else if (ts.isCallExpression(bare) && /^z\.(strict|loose)?[oO]bject$/.test(bare.expression.getText(tree)) && bare.arguments[0]) {
      const range = ranges[path];
      record(path, bare.arguments[0], bare.arguments[0]);
      if (range) ranges[path] = range;
    }
  };
  const definition = definitionOf(tree);
  if (definition === undefined) return ranges;
  const argument = ts.isCallExpression(definition) ? definition.arguments[0] : undefined;
  if (argument) record("", definition, argument);
  ranges[""] = [definition.getStart(tree), definition.getEnd()];
  return ranges;
}

/** Where an error of running pack code points to: the innermost frame of its stack that lies in the pack. */
export function placeInStack(stack: string, folder: string): { file: string; line: number; column: number } | undefined {
  for (const line of stack.split("\n")) {
    const at = line.indexOf(`${folder}/`);
    const found = at < 0 ? undefined : /^([^:)]+):(\d+)(?::(\d+))?/.exec(line.slice(at + folder.length + 1));
    if (found?.[1] !== undefined) return { file: found[1].replace(/\?.*$/, ""), line: Number(found[2]), column: Number(found[3] ?? 1) };
  }
  return undefined;
}

export function placeOfText(source: Source | undefined, needle: string): { line: number; column: number } {
  return source ? placesOf(source.text, () => undefined)([], needle) : { line: 1, column: 1 };
}
