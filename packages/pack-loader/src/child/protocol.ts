import type {
  ActionDefinition,
  AliasDefinition,
  PolicyDefinition,
  RuleDefinition,
  SensorDefinition,
  TriggerDefinition,
} from "@bellhop/contracts";
import type { ConfigSchema } from "@bellhop/core";
import type { Range } from "../located.ts";
import type { Dependencies } from "../modules/index.ts";
import type { PackProblem } from "../problem.ts";

/** Asks the child to compile a pack's TypeScript and to say what it defines. */
export interface ExtractRequest {
  readonly id: number;
  readonly pack: string;
  readonly folder: string;
  /** Every TypeScript file that travels. */
  readonly sources: readonly { path: string; text: string }[];
  /** Paths of all files of the pack, for imports. */
  readonly files: readonly string[];
  /** Names of the packages that its code may import. */
  readonly declared: readonly string[];
  /** Those that only its author works with. */
  readonly development: readonly string[];
  /** Where they lie; absent: nowhere. */
  readonly dependencies?: Dependencies;
}

export interface Extracted<Definition> {
  readonly definition: Definition;
  readonly file: string;
  /** Offsets of the definition's parts: `""` is the whole, `formats/0` the first format. */
  readonly ranges: Readonly<Record<string, Range>>;
}

export interface Extraction {
  readonly compiled: readonly { path: string; from: string; code: string }[];
  readonly actions: readonly Extracted<ActionDefinition>[];
  /** Those that actions declare. */
  readonly policies: readonly Extracted<PolicyDefinition>[];
  readonly aliases: readonly Extracted<AliasDefinition>[];
  readonly rules: readonly Extracted<RuleDefinition>[];
  readonly sensors: readonly Extracted<SensorDefinition>[];
  /** Those that sensors declare. */
  readonly triggers: readonly Extracted<TriggerDefinition>[];
  /** What `config.ts` says, where there is one. */
  readonly config?: Extracted<ConfigSchema>;
  readonly problems: readonly PackProblem[];
}

export type ChildMessage =
  | { kind: "ready" }
  /** What runs now, so that a child that hangs or ends can be put down to a file. */
  | { kind: "at"; id: number; file: string }
  | { kind: "done"; id: number; extraction: Extraction };
