import type { CharacterSet } from "./character-set.ts";

/** A regular expression of Python's, parsed. Flags have been worked into the nodes they apply to. */
export type Node =
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "sequence"; readonly nodes: readonly Node[] }
  | { readonly kind: "choice"; readonly branches: readonly Node[] }
  | { readonly kind: "group"; readonly index: number; readonly node: Node }
  | { readonly kind: "atomic"; readonly node: Node }
  | { readonly kind: "repeat"; readonly node: Node; readonly min: number; readonly max: number; readonly mode: "greedy" | "lazy" }
  | { readonly kind: "assertion"; readonly of: Assertion; readonly ascii: boolean }
  | { readonly kind: "look"; readonly node: Node; readonly negative: boolean; readonly behind: number | undefined }
  | { readonly kind: "back"; readonly index: number; readonly ignoreCase: boolean }
  | { readonly kind: "conditional"; readonly index: number; readonly yes: Node; readonly no: Node };

/** `end` is `$`: before a last line break too. `very end` is `\Z`. */
export type Assertion = "start" | "end" | "very end" | "line start" | "line end" | "boundary" | "no boundary";

export interface Parsed {
  readonly node: Node;
  /** How many groups there are, the whole match aside. */
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

/** How many characters (not UTF-16 units) a node takes: the least and the most. */
export function widthOf(node: Node): readonly [least: number, most: number] {
  switch (node.kind) {
    case "set":
      return [1, 1];
    case "sequence":
      return node.nodes.map(widthOf).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    case "choice":
      return spread(node.branches.map(widthOf));
    case "group":
    case "atomic":
      return widthOf(node.node);
    case "repeat": {
      const [least, most] = widthOf(node.node);
      return [least * node.min, most === 0 ? 0 : most * node.max];
    }
    case "assertion":
    case "look":
      return [0, 0];
    case "back":
      return [0, Infinity];
    case "conditional":
      return spread([widthOf(node.yes), widthOf(node.no)]);
  }
}

function spread(widths: readonly (readonly [number, number])[]): readonly [number, number] {
  return [Math.min(...widths.map(([least]) => least)), Math.max(...widths.map(([, most]) => most))];
}
