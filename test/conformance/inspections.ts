import { documentOf, inspectionOf, inspectWorkflow } from "@bellhop/core";
import { Budget, Fault, yamlLoad } from "@bellhop/expression";
import { z } from "zod";
import type { Case } from "./kinds.ts";

const Inspection = z.object({ definition: z.string(), app_ctx: z.record(z.string(), z.unknown()).nullish() });

/** As orquesta inspects, without our own words. */
export function answer(given: Case): unknown {
  const { definition, app_ctx: context } = Inspection.parse(given);
  const document = documentOf(yamlLoad(definition, new Budget()));
  if (document === undefined) throw new Fault("ValueError", "the definition has no end");
  return { inspection: inspectionOf(inspectWorkflow(document, { context: Object.keys(context ?? {}), dialect: "orquesta" })) };
}
