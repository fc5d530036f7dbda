import { inspectionOf, inspectWorkflow, readWorkflowText } from "@bellhop/core";
import { z } from "zod";
import type { Case } from "./kinds.ts";

const Inspection = z.object({ definition: z.string(), app_ctx: z.record(z.string(), z.unknown()).nullish() });

/** As orquesta inspects, without our own words. */
export function answer(given: Case): unknown {
  const { definition, app_ctx: context } = Inspection.parse(given);
  const text = readWorkflowText(definition);
  if (text.kind === "fault") return { error: "ValueError", message: text.message };
  return { inspection: inspectionOf(inspectWorkflow(text.document, { context: Object.keys(context ?? {}), dialect: "orquesta" })) };
}
