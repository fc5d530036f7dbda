import { renderJinja, renderValues, stackstormFilters } from "@bellhop/expression";
import { z } from "zod";
import { encoded } from "./encoding.ts";
import type { Case } from "./kinds.ts";

const Filter = z.object({
  template: z.string(),
  context: z.record(z.string(), z.unknown()).nullish(),
  allow_undefined: z.boolean().nullish(),
});
const Values = z.object({
  mapping: z.record(z.string(), z.unknown()).nullish(),
  context: z.record(z.string(), z.unknown()).nullish(),
  allow_undefined: z.boolean().nullish(),
});

/** As StackStorm renders rules, parameters and aliases. */
export function answer(given: Case): unknown {
  switch (given.kind) {
    case "jinja_filter": {
      const { template, context, allow_undefined: lenient } = Filter.parse(given);
      return { value: renderJinja(template, { variables: context ?? {}, filters: stackstormFilters, strict: lenient !== true }) };
    }
    case "render_values": {
      const { mapping, context, allow_undefined: lenient } = Values.parse(given);
      return { value: encoded(renderValues(mapping ?? {}, { variables: context ?? {}, strict: lenient !== true })) };
    }
    default:
      throw new Error(`no such kind of case: ${given.kind}`);
  }
}
