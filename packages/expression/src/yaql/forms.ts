import { Fault } from "../error.ts";
import { repr } from "../value/text.ts";
import { everything } from "./library/index.ts";
import type { Node } from "./parse.ts";
import type { Scope } from "./scope.ts";
import type { Form } from "./signature.ts";
import { mayTake, narrower, takes, type Type } from "./types.ts";
import { noMatch } from "./values.ts";

export interface Receiver {
  readonly value: unknown;
}

export interface Given {
  /** By place, the receiver first; undefined where a place was left empty. A lazy one is its node. */
  readonly values: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;
  readonly scope: Scope;
  readonly receiver: Receiver | undefined;
  /** Nothing is a node, not even where a lambda is wanted. */
  readonly evaluated: boolean;
}

export type CallNode = Extract<Node, { kind: "call" }>;

/** What can be known of a call before it is evaluated. */
interface Plan {
  /** Undefined where nothing has this name; empty where nothing by this name takes such arguments. */
  readonly forms: readonly Form[] | undefined;
  readonly placed: readonly (Node | undefined)[];
  readonly named: ReadonlyMap<string, Node>;
  /** Places (without the receiver) and names of the arguments that are not evaluated. */
  readonly lazy: ReadonlySet<number | string>;
}

const plans = new WeakMap<CallNode, Plan>();

/** Made once for each call that stands in an expression. */
export function planOf(node: CallNode, method: boolean): Plan {
  const known = plans.get(node);
  if (known !== undefined) return known;
  const plan = planned(node, method);
  plans.set(node, plan);
  return plan;
}

function planned(node: CallNode, method: boolean): Plan {
  const all = (method ? everything.methods : everything.functions).get(node.name);
  const none: Plan = { forms: all === undefined ? undefined : [], placed: [], named: new Map(), lazy: new Set() };
  const [first] = all ?? [];
  if (all === undefined || first === undefined) return none;
  const { placed, named } = first.plain ? { placed: node.args, named: new Map<string, Node>() } : separate(node);
  const shift = method ? 1 : 0;
  const forms: Form[] = [];
  let lazy: Set<number | string> | undefined;
  for (const form of all) {
    const types = typesOf(form, placed, named, shift);
    if (types === undefined) continue;
    forms.push(form);
    lazy ??= new Set([...types].filter(([, type]) => type.lazy !== undefined).map(([key]) => key));
  }
  return { forms, placed, named, lazy: lazy ?? new Set() };
}

/** The type that each argument has to have, or undefined where the form can't be meant. */
function typesOf(
  form: Form,
  placed: readonly (Node | undefined)[],
  named: ReadonlyMap<string, Node>,
  shift: number,
): Map<number | string, Type> | undefined {
  const types = new Map<number | string, Type>();
  for (const [place, arg] of placed.entries()) {
    const parameter = form.parameters[place + shift];
    const type = parameter?.type ?? form.rest;
    if (type === undefined || (arg !== undefined && !mayTake(type, arg))) return undefined;
    if (arg === undefined && parameter?.required !== false && !(parameter !== undefined && named.has(parameter.name))) return undefined;
    types.set(place, type);
  }
  for (const [name, arg] of named) {
    const place = form.parameters.findIndex((parameter) => parameter.name === name);
    const type = form.parameters[place]?.type ?? form.named;
    if (type === undefined || (place >= 0 && place - shift < placed.length && placed[place - shift] !== undefined) || !mayTake(type, arg))
      return undefined;
    types.set(name, type);
  }
  for (const [place, parameter] of form.parameters.entries()) {
    if (parameter.required && place - shift >= placed.length && !named.has(parameter.name)) return undefined;
  }
  return types;
}

/** The form of a function that a call means. @throws {Fault} where none takes such arguments, or several do as well */
export function meantOf(name: string, forms: readonly Form[], given: Given): Form {
  let best: Form | undefined;
  for (const form of forms) {
    if (!fits(form, given)) continue;
    if (best === undefined) best = form;
    else {
      const order = specialization(form, best, given.values.length);
      if (order === 0) throw new Fault("AmbiguousFunctionException", `Ambiguous function "${name}"`);
      if (order < 0) best = form;
    }
  }
  if (best === undefined) throw unfit(name, given.receiver);
  return best;
}

function fits(form: Form, { values, named }: Given): boolean {
  for (let place = 0; place < values.length; place += 1) {
    const value = values[place];
    const type = form.parameters[place]?.type ?? form.rest;
    if (type === undefined) return false;
    if (value !== undefined && type.lazy === undefined && !takes(type, value)) return false;
  }
  for (let place = 0; place < form.parameters.length; place += 1) {
    const parameter = form.parameters[place];
    if (parameter === undefined) continue;
    const value = named.get(parameter.name);
    if (value === undefined && parameter.required && (place >= values.length || values[place] === undefined)) return false;
    if (value !== undefined && parameter.type.lazy === undefined && !takes(parameter.type, value)) return false;
  }
  for (const name of named.keys())
    if (form.named === undefined && !form.parameters.some((parameter) => parameter.name === name)) return false;
  return true;
}

function specialization(form: Form, other: Form, length: number): number {
  let order = 0;
  for (let place = 0; place < length; place += 1) {
    const left = form.parameters[place]?.type ?? form.rest;
    const right = other.parameters[place]?.type ?? other.rest;
    if (left === undefined || right === undefined) continue;
    const one = narrower(left, right);
    if (one !== 0 && order !== 0 && one !== order) return 0;
    if (one !== 0) order = one;
  }
  return order;
}

/** Arguments by their place, and by their name. */
export function separate(node: CallNode): { placed: (Node | undefined)[]; named: Map<string, Node> } {
  const placed: (Node | undefined)[] = [];
  const named = new Map<string, Node>();
  for (const arg of node.args) {
    if (arg?.kind !== "mapping") {
      placed.push(arg);
      continue;
    }
    if (arg.source.kind !== "constant" || !arg.source.word)
      throw new Fault("MappingTranslationException", "Cannot convert mapping to keyword argument");
    named.set(String(arg.source.value), arg.destination);
  }
  return { placed, named };
}

export function unknownName(name: string, receiver: Receiver | undefined): Fault {
  if (receiver === undefined) return new Fault("NoFunctionRegisteredException", `Unknown function "${name}"`);
  return new Fault("NoMethodRegisteredException", `Unknown method "${name}" for receiver ${shown(receiver.value)}`);
}

export function unfit(name: string, receiver: Receiver | undefined): Fault {
  if (receiver === undefined) return noMatch(name);
  return new Fault("NoMatchingMethodException", `No method "${name}" for receiver ${shown(receiver.value)} matches supplied arguments`);
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : repr(value, "tuple");
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
