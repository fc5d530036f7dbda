export { drawingOf, type Box, type Drawing, type States, type Way } from "./drawing.ts";
export { mermaid } from "./mermaid.ts";
export { mostParts, svg } from "./svg.ts";
