import type { ActionDefinition, AliasDefinition, PackVersion } from "@bellhop/contracts";
import type { CompiledFormat } from "./alias/format.ts";

/** An alias ready to match: its formats are compiled once, here. */
export interface CompiledAlias {
  readonly definition: AliasDefinition;
  readonly formats: readonly CompiledFormat[];
}

/** An alias format that can't be used. The rest of its pack works. */
export interface CatalogFault {
  readonly pack: string;
  readonly alias: string;
  readonly format: string;
  readonly source: AliasDefinition["source"];
  readonly why: string;
}

/** All packs' definitions, indexed. A value: a changed pack gives a new catalog. */
export interface Catalog {
  readonly packs: ReadonlyMap<string, { readonly version: string; readonly digest: string; readonly description: string }>;
  readonly actions: ReadonlyMap<string, ActionDefinition>;
  readonly aliases: readonly CompiledAlias[];
  readonly faults: readonly CatalogFault[];
}

export const emptyCatalog: Catalog = { packs: new Map(), actions: new Map(), aliases: [], faults: [] };

/** The catalog with this version of the pack in place of any other one. */
export function withPack(_catalog: Catalog, _version: PackVersion): Catalog {
  throw new Error("to come");
}

export function withoutPack(_catalog: Catalog, _name: string): Catalog {
  throw new Error("to come");
}
