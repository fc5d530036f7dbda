import { entriesOf, keysOf, sizeOf, type Mapping } from "./kinds.ts";

/** The keys, values or items of a mapping. As sets, keys and items are of their own kind. */
export class View {
  readonly of: "keys" | "values" | "items";
  readonly mapping: Mapping;

  constructor(of: "keys" | "values" | "items", mapping: Mapping) {
    this.of = of;
    this.mapping = mapping;
  }

  get size(): number {
    return sizeOf(this.mapping);
  }

  *[Symbol.iterator](): Iterator<unknown> {
    if (this.of === "keys") yield* keysOf(this.mapping);
    else for (const [key, value] of entriesOf(this.mapping)) yield this.of === "values" ? value : [key, value];
  }
}
