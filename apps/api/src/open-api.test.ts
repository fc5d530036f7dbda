import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { openApi } from "./open-api.ts";

test("the document is OpenAPI 3.1, and all that it refers to is there", async () => {
  const validator = new Validator();
  // It keeps what it is given, and changes it.
  const { valid, errors } = await validator.validate(structuredClone(openApi));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(JSON.stringify(validator.resolveRefs())).not.toContain("$ref");
});
