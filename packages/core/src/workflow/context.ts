import { isFields, isSealed, secretMask } from "@bellhop/contracts";
import { DateTime, Dict, entriesOf, Float, isMapping, isoOf, PythonSet, Shown, TimeDelta } from "@bellhop/expression";
import { originalOf } from "../kv/opening.ts";
import { at, type List } from "./list.ts";
import type { ContextNode } from "./state.ts";

/** What a task sees: a mapping that expressions read from, made of what was published on the way. Nothing is copied for a task that publishes little. */
export class Variables extends Dict {
  readonly #layered: Layered;

  constructor(layered: Layered) {
    super();
    this.#layered = layered;
  }

  override get(name: unknown): unknown {
    return typeof name === "string" ? lookUp(this.#layered, name) : undefined;
  }

  override has(name: unknown): boolean {
    return this.get(name) !== undefined;
  }

  override get size(): number {
    return Object.keys(this.record()).length;
  }

  override entries(): Iterable<[unknown, unknown]> {
    return Object.entries(this.record());
  }

  record(): Readonly<Record<string, unknown>> {
    const names = new Set(Object.keys(this.#layered.root));
    for (const layer of this.#layered.layers) for (const name of layer.keys()) names.add(name);
    return Object.fromEntries(Array.from(names, (name) => [name, lookUp(this.#layered, name)]));
  }

  /** With a value in place of what was there, as one that is published sees those before it. */
  with(name: string, value: unknown): Variables {
    return new Variables({ root: this.#layered.root, layers: pushed(this.#layered.layers, new Map([[name, { value, replaces: true }]])) });
  }

  /** With everything that was published for another, on top. */
  joined(other: Variables): Variables {
    return new Variables(join(this.#layered, other.#layered));
  }
}

/** What a node of the contexts stands for. */
export function variablesAt(contexts: List<ContextNode>, index: number): Variables {
  const open = [index];
  for (let next = open.at(-1); next !== undefined; next = open.at(-1)) {
    const node = nodeAt(contexts, next);
    const missing = [node.from, node.with].filter((below) => below !== undefined && !known.has(nodeAt(contexts, below)));
    if (missing.length === 0) {
      open.pop();
      if (!known.has(node)) known.set(node, layeredOf(contexts, node));
    } else for (const below of missing) if (below !== undefined) open.push(below);
  }
  return new Variables(layeredAt(contexts, index));
}

/** As it is kept in a state: plain JSON. What was opened to be read is as closed as it came.
 *  @param secrets what becomes of them: `opened`, all are as they were read; `ours`, what an expression itself put together is nothing that we sealed */
export function kept(value: unknown, secrets?: "opened" | "ours"): unknown {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "bigint") return Number(value);
    return value === undefined || (typeof value === "number" && !Number.isFinite(value)) ? null : value;
  }
  const original = secrets === "opened" ? undefined : originalOf(value);
  if (original !== undefined) return original;
  const inner = (one: unknown) => kept(one, secrets);
  if (value instanceof Float) return kept(value.value);
  if (Array.isArray(value)) return Array.from(value, inner);
  if (value instanceof PythonSet) return Array.from(value, inner);
  if (value instanceof DateTime) return isoOf(value);
  if (value instanceof TimeDelta) return Number(value.micros) / 1_000_000;
  if (value instanceof Shown) return value.text;
  if (!isMapping(value)) return null;
  const made = Object.fromEntries(
    Array.from(entriesOf(value), ([key, one]) => [typeof key === "string" ? key : String(kept(key)), inner(one)]),
  );
  return secrets !== undefined && isSealed(made) ? secretMask : made;
}

/** What was published, oldest first, each layer much smaller than the one below it: so a name is looked up in few, and one more costs little. */
interface Layered {
  readonly root: Readonly<Record<string, unknown>>;
  readonly layers: readonly Layer[];
}

type Layer = ReadonlyMap<string, Patch>;

/** Mappings are merged with those below them, unless there was something else between. */
interface Patch {
  readonly value: unknown;
  readonly replaces: boolean;
}

/** Nodes are shared by states, so each is put together once, and again where a state was loaded. */
const known = new WeakMap<ContextNode, Layered>();

function layeredOf(contexts: List<ContextNode>, node: ContextNode): Layered {
  if (node.from === undefined) return { root: node.set ?? {}, layers: [] };
  const below = layeredAt(contexts, node.from);
  if (node.with !== undefined) return join(below, layeredAt(contexts, node.with));
  const layer = new Map(Object.entries(node.set ?? {}).map(([name, value]) => [name, { value, replaces: !isMapping(value) }]));
  return { root: below.root, layers: pushed(below.layers, layer) };
}

function layeredAt(contexts: List<ContextNode>, index: number): Layered {
  const layered = known.get(nodeAt(contexts, index));
  if (layered === undefined) throw new Error(`context ${index} is not put together`);
  return layered;
}

function nodeAt(contexts: List<ContextNode>, index: number): ContextNode {
  const node = at(contexts, index);
  if (node === undefined) throw new Error(`there is no context ${index}`);
  return node;
}

/** As in the original everything that was published for the second one comes on top, also what both have from before. */
function join(left: Layered, right: Layered): Layered {
  let shared = 0;
  while (shared < left.layers.length && left.layers[shared] === right.layers[shared]) shared += 1;
  const common = { root: {}, layers: left.layers.slice(0, shared) };
  let layers: readonly Layer[] = common.layers;
  for (const layer of left.layers.slice(shared)) {
    const again = Array.from(layer, ([name, patch]): [string, Patch] => {
      const before = patchOf(common, name);
      return [name, before === undefined ? patch : compose(patch, before)];
    });
    layers = pushed(layers, new Map(again));
  }
  for (const layer of right.layers.slice(shared)) layers = pushed(layers, layer);
  return { root: left.root, layers };
}

function pushed(layers: readonly Layer[], layer: Layer): readonly Layer[] {
  let top = layer;
  let height = layers.length;
  for (let below = layers[height - 1]; below !== undefined && below.size <= 2 * top.size; below = layers[height - 1]) {
    const both = new Map(below);
    for (const [name, patch] of top) both.set(name, compose(both.get(name), patch));
    top = both;
    height -= 1;
  }
  return [...layers.slice(0, height), top];
}

function lookUp(layered: Layered, name: string): unknown {
  const patch = patchOf(layered, name);
  const root = Object.hasOwn(layered.root, name) ? (layered.root[name] ?? null) : undefined;
  if (patch === undefined) return root;
  return patch.replaces || !isFields(root) || !isFields(patch.value) ? patch.value : merged(root, patch.value);
}

function patchOf({ layers }: Layered, name: string): Patch | undefined {
  let found: Patch | undefined;
  for (let height = layers.length - 1; height >= 0; height -= 1) {
    const patch = layers[height]?.get(name);
    if (patch === undefined) continue;
    found = found === undefined ? patch : compose(patch, found);
    if (found.replaces) return found;
  }
  return found;
}

function compose(older: Patch | undefined, newer: Patch): Patch {
  if (older === undefined || newer.replaces) return newer;
  if (!isFields(older.value) || !isFields(newer.value)) return { value: newer.value, replaces: true };
  return { value: merged(older.value, newer.value), replaces: older.replaces };
}

function merged(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const both = new Map(Object.entries(left));
  for (const [name, value] of Object.entries(right)) {
    const before = both.get(name);
    both.set(name, isFields(before) && isFields(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(both);
}
