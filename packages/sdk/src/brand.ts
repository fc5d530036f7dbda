/** Marks a definition. A registered symbol: the loader knows a definition also when the pack brought its own copy of this package. */
export const brand: unique symbol = Symbol.for("bellhop.definition");

export function isBranded(value: unknown, kind: "action" | "alias" | "config" | "rule" | "workflow"): boolean {
  return typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === kind;
}
