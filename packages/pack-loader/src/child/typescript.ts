import { createRequire } from "node:module";
import type TypeScript from "ts6";

/** By `require`: to import it, Node would read through its nine megabytes twice more, for a fifth of a second, to learn what kind of module it is and
 *  what it exports. */
export const typescript = createRequire(import.meta.url)("ts6") as typeof TypeScript;
