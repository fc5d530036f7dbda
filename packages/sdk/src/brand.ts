/** Marks a definition. A registered symbol: the loader knows a definition also when the pack brought its own copy of this package. */
export const brand: unique symbol = Symbol.for("bellhop.definition");

export function isBranded(value: unknown, kind: "action" | "alias" | "config" | "failed" | "rule" | "sensor" | "workflow"): boolean {
  return typeof value === "object" && value !== null && brand in value && value[brand] === kind;
}
