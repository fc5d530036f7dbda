import { listFilters } from "./list-filters.ts";
import type { Arguments, Evaluation } from "./objects.ts";
import { textFilters } from "./text-filters.ts";
import { valueFilters } from "./value-filters.ts";

/** Makes something of a value: `value|name(…)`. */
export type Filter = (value: unknown, given: Arguments, evaluation: Evaluation) => unknown;

/** Those of Jinja 3.1.6. */
export const builtInFilters: ReadonlyMap<string, Filter> = new Map([...valueFilters, ...textFilters, ...listFilters]);
