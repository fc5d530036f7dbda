export { drawingOf, type Way } from "./drawing.ts";
export { mermaid } from "./mermaid.ts";
export { mostParts, svg } from "./svg.ts";
