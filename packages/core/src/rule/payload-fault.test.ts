import { expect, test } from "vitest";
import { payloadFault } from "./payload-fault.ts";

const schema = {
  type: "object",
  properties: { host: { type: "string", required: true }, labels: { properties: { severity: { enum: ["page"] } } } },
};

test.each<[string, unknown, unknown, string | undefined]>([
  ["what fits", schema, { host: "db1", labels: { severity: "page" } }, undefined],
  ["a number where text belongs", schema, { host: 5 }, "payload.host should be "],
  ["what is wrong deeper down", schema, { host: "db1", labels: { severity: "s3cret" } }, "payload.labels.severity should be "],
  ["a list where an object belongs", schema, [], "payload should be "],
  ["anything, where the trigger has no schema", undefined, { host: 5 }, undefined],
  ["anything, where its schema can't be read", { type: "nothing" }, { host: 5 }, undefined],
])("%s", (_, payload, said, fault) => {
  const found = payloadFault({ payload }, said);
  if (fault === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(fault);
  expect(found ?? "").not.toContain("s3cret");
});

test("a trigger that nobody declared asks for nothing", () => {
  expect(payloadFault(undefined, { x: 1 })).toBeUndefined();
});
