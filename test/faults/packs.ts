import { join } from "node:path";

/** Packs whose actions leave traces. */
export const faultyPacks = [join(import.meta.dirname, "packs", "faulty")];
