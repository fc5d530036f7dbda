import type { Parameter } from "@bellhop/contracts";

/** Kinds of actions that runners carry out, with the parameters that each adds to those of its actions. */
export const kinds: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = {};
