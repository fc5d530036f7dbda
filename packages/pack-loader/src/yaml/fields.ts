import { z } from "zod";

// What files of several kinds have.

/** Any text that a person can read and type, as there; but none that leads anywhere as a path. */
export const FreeName = z
  .string()
  .min(1)
  .regex(/^(?!\.\.?$)[^/\\\p{C}]+$/u, "No slashes, no control characters.");
export const Text = z.string().nullish();
export const Flag = z.boolean().nullish();

export const ActionRef = z.string().regex(/^[^.\s]+\.\S+$/, "Write it as PACK.ACTION.");
export const TriggerRef = z.string().regex(/^[^.\s]+\.\S+$/, "Write it as PACK.TRIGGER.");

export const Ours = Text.describe("Not used: written by StackStorm.");
/** What it is there, which the file's place says here. */
export const identity = { pack: Ours, ref: Ours, uid: Ours, id: Ours };
