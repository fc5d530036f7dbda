import type { RE2JS } from "re2js";

/** One representation of an alias, compiled. */
export interface CompiledFormat {
  /** What the pack wrote. */
  readonly text: string;
  /** What help shows; absent: listed nowhere. */
  readonly display?: string;
  readonly matchMultiple: boolean;
  readonly strict: RE2JS;
  readonly chat: RE2JS;
}
