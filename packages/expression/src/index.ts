export { Budget, limits } from "./budget.ts";
export type { Limits } from "./budget.ts";
export { BoundReached, ExpressionError, Fault } from "./error.ts";
export type { Bound } from "./error.ts";
export { evaluate } from "./evaluate.ts";
export type { Surroundings } from "./evaluate.ts";
export { yamlLoad, YamlFault } from "./functions/yaml-load.ts";
export { parseYaml } from "./functions/yaml-quotes.ts";
export type { ParsedYaml } from "./functions/yaml-quotes.ts";
export { validate, variables } from "./inspect.ts";
export type { Flaw, Variable } from "./inspect.ts";
export {
  evaluateJinja,
  hasJinja,
  jinjaOutline,
  jinjaReads,
  jinjaVariables,
  renderJinja,
  renderJinjaPieces,
  stackstormFilters,
  validateJinja,
} from "./jinja/index.ts";
export type {
  Surroundings as JinjaSurroundings,
  JinjaFault,
  Outline as JinjaOutline,
  Piece as JinjaPiece,
  Read as JinjaRead,
} from "./jinja/index.ts";
export { renderValues } from "./jinja/render-values.ts";
export { readJson, writeJson } from "./json.ts";
export { Float, float, int, isFloat, isInt } from "./number.ts";
export { equals, truth, typeName } from "./value/equal.ts";
export { DateTime, Dict, entriesOf, getKey, isMapping, isObject, List, Lookup, PythonSet, Shown, TimeDelta, Tuple } from "./value/kinds.ts";
export type { Mapping } from "./value/kinds.ts";
export { parseDate } from "./value/parse-date.ts";
export { floatText, isoOf, repr, str } from "./value/text.ts";
export { RegexBudgetError } from "./regex/machine.ts";
export { RegexSyntaxError } from "./regex/cursor.ts";
export { RegexTooLargeError } from "./regex/program.ts";
export { compileRegex } from "./regex/regex.ts";
export type { Regex, RegexMatch } from "./regex/regex.ts";
export type { HostFunction } from "./yaql/signature.ts";
