import { checkValue, configVariable, type ConfigSchema } from "@bellhop/core";
import type { Located } from "./located.ts";
import type { PackProblem } from "./problem.ts";

/** Looks at what a pack can be configured with. The same for both spellings. */
export function checkConfig(pack: string, config: Located<ConfigSchema>): { problems: PackProblem[]; warnings: PackProblem[] } {
  const problems: PackProblem[] = [];
  const warnings: PackProblem[] = [];
  const variables = new Map<string, string>();
  for (const [name, schema] of Object.entries(config.definition)) {
    const place = (path: readonly string[], needle?: string) => ({ file: config.file, ...config.at([name, ...path], needle) });
    const variable = configVariable({ pack, name });
    const other = variables.get(variable);
    if (other !== undefined) {
      problems.push({
        ...place([]),
        message: `${name} and ${other} would be the same variable, ${variable}.`,
        hint: "Rename one of the two.",
      });
    }
    variables.set(variable, name);
    const { default: value } = schema;
    if (value === undefined || value === null) continue;
    const checked = checkValue(value, schema);
    if (checked.kind === "ok") continue;
    const where = [name, ...checked.path].join(".");
    problems.push({
      ...place(["default"]),
      message: `The default of ${where} can't be ${JSON.stringify(value)}.`,
      hint: `Expected ${checked.expected}.`,
    });
  }
  return { problems, warnings };
}
